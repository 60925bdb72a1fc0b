// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRuntime

extension ProcessSetup {
    /// Makes an application that shares within its process until clients are installed.
    ///
    /// - Throws: As ``makeApplication(sharing:)`` does.
    package func makeApplication() throws -> HeroApplication { try makeApplication { Membership($0, nil) } }
}

extension HeroApplication {
    /// Goes over to Redis.
    ///
    /// Called before there is a `HeroProcess`, so that nothing is registered with services that are replaced.
    ///
    /// - Parameter clients: Connections, which outlive what uses them.
    /// - Returns: The services, which a process starts and stops itself.
    @discardableResult
    package func install(_ clients: RedisClients) -> SharedServices {
        let membership = Membership(sharingSite, clients)
        install(membership)
        return membership.services
    }
}
