// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A server as the process sees it: something that takes connections.
package protocol HeroServer: Sendable {
    /// The type of its connections: `web`, `websocket`, `socket`.
    var name: String { get }
    /// Where it listens, for the log; `nil` when there is nothing to show.
    var address: String? { get }
    /// What its loops are doing, for the watchdog.
    var activities: [LoopActivity] { get async }
    /// Sockets that can be handed to another process.
    var listeningDescriptors: [(name: String, descriptor: Int32)] { get }
    /// Lets the sockets survive the execution of a new program.
    func keepListeningAcrossExecution()
    /// Undoes ``keepListeningAcrossExecution()``.
    func cancelKeepListening()
    /// Begins to take connections; until then they wait in the queue.
    func accept() async throws
    /// Takes no more connections and waits until those that are there have ended.
    ///
    /// - Parameter keepsSocket: Whether connections may go on waiting in the queue for whoever accepts next.
    func stop(keepsSocket: Bool) async
    /// Frees threads. Nothing runs any more when this returns.
    func shutDown() async
}
