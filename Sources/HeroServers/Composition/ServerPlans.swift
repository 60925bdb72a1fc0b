// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroLog
package import HeroRuntime
package import HeroSystem

/// All servers that the configuration asks for.
package struct ServerPlans: Sendable {
    private let all: [any ServerPlan]

    /// - Parameters:
    ///   - application: The process.
    ///   - files: Certificates and keys; those of the project when it is `nil`.
    ///   - isPlain: Whether connections are not encrypted whatever the configuration says, as for an application's tests.
    /// - Throws: `ConfigurationRefused`.
    package init(_ application: HeroApplication, files: CompanionFiles? = nil, isPlain: Bool = false) throws {
        // A further server is a further line here, and nothing elsewhere.
        self.init([
            try WebServerPlan(application, files: files, isPlain: isPlain)
        ])
    }

    /// - Parameter plans: Those of servers that are switched off are left out.
    init(_ plans: [any ServerPlan]) { all = plans.filter(\.isEnabled) }

    /// - Parameter name: A server's.
    /// - Returns: `nil` when there is to be no such server.
    package subscript(name: String) -> (any ServerPlan)? { all.first { $0.name == name } }

    /// Where to listen.
    package var listeners: [(name: String, address: ListenAddress, access: SocketAccess)] {
        all.map { ($0.name, $0.address, $0.access) }
    }

    package func announce(_ log: LogRouter) {
        for plan in all { plan.announce(log) }
    }

    /// - Parameters:
    ///   - loop: Carries all connections; outlives the servers.
    ///   - inherited: Descriptors that listen already, by the name of their server.
    /// - Returns: Makes the servers when their turn has come.
    package func factory(on loop: ProcessLoop, inherited: [String: Int32]) -> HeroProcess.ServerFactory {
        { application, processor in
            var servers: [any HeroServer] = []
            do {
                for plan in all {
                    let site = ServerSite(application, processor, on: loop, inherited: inherited[plan.name])
                    servers.append(try await plan.bind(site))
                }
                return servers
            } catch {
                // Nobody knows of those that have their sockets already.
                for server in servers {
                    await server.stop(keepsSocket: inherited[server.name] != nil, DrainLimits())
                    await server.shutDown()
                }
                throw error
            }
        }
    }
}
