// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

extension EffectiveConfiguration {
    /// What the configuration asks for that this version of hero does not have, one line for each feature.
    ///
    /// Procfiles for the reference set such keys by environment variables; without a word nobody would notice that, for
    /// example, a server is never started.
    package var absentFeatures: [String] {
        let features: [(keys: [String], isMissing: String)] = [
            (["socket.enabled"], "this version of hero has no TCP server")
        ]
        return features.compactMap { feature in
            let asking = feature.keys.filter { asks(value(at: $0)) }
            return asking.isEmpty ? nil : "\(feature.isMissing) and ignores \(asking.joined(separator: ", "))"
        }
    }

    private func asks(_ value: JSON?) -> Bool {
        switch value {
        case .bool(let flag): flag
        case .integer(let count): count > 0
        case .null, .number, .string, .array, .object, nil: false
        }
    }
}
