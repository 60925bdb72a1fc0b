// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package enum UpgradeAnswer {
    /// - Parameters:
    ///   - headers: For the head that says so, beside those of HTTP itself; fit to be sent.
    ///   - session: What goes on.
    case accepted(headers: [(name: String, value: String)], any UpgradedSession)

    /// - Parameters:
    ///   - status: 400 to 599.
    ///   - reason: What is wrong, for the client.
    ///   - headers: In small letters, fit to be sent.
    case refused(status: Int, reason: String, headers: [(name: String, value: String)])
}
