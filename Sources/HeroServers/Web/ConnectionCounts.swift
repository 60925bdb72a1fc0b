// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// How many connections there are, and from where; refuses more than the configuration allows.
struct ConnectionCounts: Sendable {
    /// 0 for no limit.
    private let limit: Int
    /// 0 for no limit.
    private let limitPerAddress: Int
    private var count = 0
    private var byAddress: [IPAddress: Int] = [:]

    init(limit: Int, limitPerAddress: Int) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    /// Counts a connection.
    ///
    /// - Returns: Whether it may stay; one that may not is not counted.
    mutating func open() -> Bool {
        if limit > 0, count >= limit { return false }
        count += 1
        return true
    }

    /// Counts a connection that has been opened for its client's address.
    ///
    /// - Returns: Whether it may stay; one that may not is not counted for the address.
    mutating func attribute(to address: IPAddress) -> Bool {
        guard limitPerAddress > 0 else { return true }
        let known = byAddress[address, default: 0]
        if known >= limitPerAddress { return false }
        byAddress[address] = known + 1
        return true
    }

    mutating func close() { count -= 1 }

    mutating func detach(from address: IPAddress) {
        guard let known = byAddress[address] else { return }
        byAddress[address] = known > 1 ? known - 1 : nil
    }
}

/// A client has as many connections as it may have.
struct TooManyConnections: Error {}
