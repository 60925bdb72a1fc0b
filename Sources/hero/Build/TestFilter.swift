// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which tests `--filter` means: by identifier, as `swift test` does it, or by the name that is shown.
struct TestFilter {
    let pattern: String
    private let expression: Regex<AnyRegexOutput>

    /// - Throws: ``CommandFailure`` when it is no regular expression.
    init(_ pattern: String) throws {
        self.pattern = pattern
        do {
            expression = try Regex(pattern)
        } catch {
            throw CommandFailure(
                "--filter wants a regular expression, and '\(pattern)' is none: \(error)",
                exitCode: CommandFailure.usageExitCode)
        }
    }

    /// Swift Testing knows identifiers only.
    ///
    /// - Parameter tests: All that there are.
    /// - Returns: A regular expression for identifiers.
    func identifiers(of tests: [TestEvents.Test]) -> String {
        let named = tests.filter { $0.displayName.firstMatch(of: expression) != nil }
        guard !named.isEmpty else { return pattern }
        let quoted = named.map { "\\Q\($0.id)\\E" }.joined(separator: "|")
        return "(?:\(pattern))|^(?:\(quoted))(?:/|$)"
    }
}
