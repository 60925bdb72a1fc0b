// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroConfiguration
package import HeroRuntime

/// `general.serverToken` as every installation has it at first: whoever can write to Redis and knows it can call the methods
/// of all processes.
package enum KnownToken {
    /// The default token of ``ConfigurationSchema``, which everybody knows.
    static let token = "change-me"
    private static let remedy = "set it to a secret that all processes of this application share, and nobody else"

    /// - Parameters:
    ///   - application: The process that is to start.
    ///   - plan: `nil` without Redis.
    /// - Returns: What to say at the start; `nil` when there is nothing to say.
    /// - Throws: `ConfigurationRefused` in production with a Redis that others may use, too.
    package static func check(_ application: HeroApplication, _ plan: RedisPlan?) throws -> String? {
        guard application.configuration.environment == "production", application.core.general.serverToken == token
        else {
            return nil
        }
        if let plan, [plan.client, plan.subscriber, plan.tasks].contains(where: { $0.kind != .embedded }) {
            throw application.configuration.refusal(
                of: "general.serverToken",
                "is the default, which everybody knows, and this Redis is not the embedded one: \(remedy)")
        }
        return "general.serverToken is the default, which everybody knows: \(remedy)"
    }
}
