// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroConfiguration
package import HeroLog

/// What the sharing of a process is made of.
package struct SharingSite: Sendable {
    /// The server id.
    package let id: String
    package let projectRoot: String
    package let core: CoreConfiguration
    package let log: LogRouter
    /// The connections that the servers of the process hold.
    package let connections: ConnectionDirectory

    package init(
        id: String, projectRoot: String, core: CoreConfiguration, log: LogRouter, connections: ConnectionDirectory
    ) {
        self.id = id
        self.projectRoot = projectRoot
        self.core = core
        self.log = log
        self.connections = connections
    }
}
