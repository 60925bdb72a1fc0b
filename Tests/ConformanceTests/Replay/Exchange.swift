// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// One way to repeat a recorded exchange; each transport has its own.
protocol Exchange: Sendable {
    init(_ recording: Recording) throws

    /// The recorded values by field, masked.
    var recorded: [(field: String, value: String)] { get }

    /// Repeats it.
    ///
    /// - Returns: In what our answer is not the recorded one.
    func replay() async throws -> [Difference]
}

extension Exchange {
    /// Fails the test unless the differences are exactly those that `docs/differences.md` lists.
    static func verify(_ recording: Recording) async throws {
        let exchange = try Self(recording)
        let found = try await exchange.replay()
        var rest = try DocumentedDifferences.document.get()
            .listed(for: recording.title, recorded: exchange.recorded)
        var unlisted: [Difference] = []
        for difference in found {
            if let position = rest.firstIndex(of: difference) {
                rest.remove(at: position)
            } else {
                unlisted.append(difference)
            }
        }
        let title = "@@ \(recording.title)"
        if !unlisted.isEmpty {
            let text = unlisted.map(\.description).joined(separator: "\n")
            Issue.record("hero differs and docs/differences.md does not say so:\n\(title)\n\(text)")
        }
        if !rest.isEmpty {
            let text = rest.map(\.description).joined(separator: "\n")
            Issue.record("docs/differences.md lists what is not so:\n\(title)\n\(text)")
        }
    }
}
