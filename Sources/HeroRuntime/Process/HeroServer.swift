// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How patiently connections are ended.
package struct DrainLimits: Sendable {
    /// For connections between two requests: a request may already be on its way.
    package let idleMilliseconds: Int
    /// For everything; `nil` for as long as it takes.
    package let totalMilliseconds: Int?
    /// Called before connections are closed that have had their time, while what they wait for still runs.
    package let onCutOff: @Sendable () -> Void

    package init(
        idleMilliseconds: Int = 0, totalMilliseconds: Int? = nil, onCutOff: @escaping @Sendable () -> Void = {}
    ) {
        self.idleMilliseconds = idleMilliseconds
        self.totalMilliseconds = totalMilliseconds
        self.onCutOff = onCutOff
    }
}

/// A server as the process sees it: something that takes connections.
package protocol HeroServer: Sendable {
    /// The type of its connections: `web`, `websocket`, `socket`.
    var name: String { get }
    /// Where it listens, for the log; `nil` when there is nothing to show.
    var address: String? { get }
    /// Sockets that can be handed to another process.
    var listeningDescriptors: [(name: String, descriptor: Int32)] { get }
    /// Takes connections already, and says on them that the process is starting; requests wait for ``accept()``.
    func open() async throws
    /// Begins to answer requests; without ``open()``, connections have waited in the queue.
    func accept() async throws
    /// Takes no more connections; those that wait in the queue stay there.
    func takeNothingNew() async
    /// Takes no more connections and waits until those that are there have ended.
    ///
    /// - Parameters:
    ///   - keepsSocket: Whether connections may go on waiting in the queue for whoever accepts next.
    ///   - limits: How long to wait for what.
    func stop(keepsSocket: Bool, _ limits: DrainLimits) async
    /// Connections that have not ended.
    var connectionCount: Int { get async }
    /// Frees threads. Nothing runs any more when this returns.
    func shutDown() async
}

extension HeroServer {
    package func open() async throws {}
}
