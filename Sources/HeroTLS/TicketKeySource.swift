// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Gives the keys of session tickets, which change.
package protocol TicketKeySource: AnyObject, Sendable {
    /// - Returns: The keys of now, `nil` when they are those that were given last.
    func nextKeys() -> [UInt8]?
}
