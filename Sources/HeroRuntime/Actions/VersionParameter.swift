// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Versions of actions as parameters show them.
package enum VersionParameter {
    /// A number where the version is one, as in the reference; `1.10` and `three` stay text, which is all of them.
    package static func value(_ version: String) -> JSON {
        if let number = Int(version), String(number) == version { return .integer(number) }
        if let number = Double(version), JSON.number(number).description == version { return .number(number) }
        return .string(version)
    }

    /// The parameters with action and version in front, as the reference's actions get them.
    ///
    /// - Parameters:
    ///   - params: What the client sent.
    ///   - version: That of the action that ran; `nil` when none was found.
    /// - Returns: All of them.
    static func completed(_ params: JSON.Object, version: String?) -> JSON.Object {
        var result: JSON.Object = ["action": params["action"] ?? .null, "apiVersion": .null]
        result.merge(params)
        if result["apiVersion"] == .null || result["apiVersion"] == "" {
            result["apiVersion"] = version.map(value) ?? .null
        }
        return result
    }
}
