// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroLog
package import HeroRuntime
package import HeroSystem

/// What the configuration says about one server: every process of an application makes the same from it, whether it serves
/// or only looks.
///
/// A plan is checked when it is made, and writes nothing then.
package protocol ServerPlan: Sendable {
    /// The server's name: that of its section of the configuration, of its listening socket and of its connections' type.
    var name: String { get }
    /// Whether there is to be such a server.
    var isEnabled: Bool { get }
    /// Where it listens.
    var address: ListenAddress { get }
    /// Who may connect to a Unix socket.
    var access: SocketAccess { get }

    /// Tells an operator what follows from the configuration; for a process that is about to serve.
    func announce(_ log: LogRouter)

    /// Makes the server with its socket, not yet accepting.
    ///
    /// - Parameter site: The process that it becomes a part of.
    /// - Returns: The server.
    /// - Throws: When there is no socket to be had.
    func bind(_ site: ServerSite) async throws -> any HeroServer
}

/// What a server is given by the process that it becomes a part of.
package struct ServerSite: Sendable {
    package let application: HeroApplication
    /// Where actions run.
    package let processor: ActionProcessor
    /// Carries all connections; outlives the server.
    package let loop: ProcessLoop
    /// A descriptor that listens already for the server; `nil` for one that has to open its own.
    package let inherited: Int32?

    package init(
        _ application: HeroApplication, _ processor: ActionProcessor, on loop: ProcessLoop, inherited: Int32? = nil
    ) {
        self.application = application
        self.processor = processor
        self.loop = loop
        self.inherited = inherited
    }
}

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
