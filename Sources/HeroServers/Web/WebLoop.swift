// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroTLS
internal import NIOCore

/// What serves HTTP on one event loop, each part of which the connections use in turn: a request is accepted by the
/// table of connections, goes through the intake to a responder, and leaves through the writer of responses.
///
/// Touched by that loop only.
final class WebLoop {
    let loop: ProcessLoop
    let processor: ActionProcessor
    let configuration: WebConfiguration
    /// `nil` for plain HTTP.
    let tls: TLSContext?
    let connections: ConnectionTable
    let intake: RequestIntake
    let heldOutput: HTTP2HeldOutput
    /// That of the loop, which other servers use, too.
    let registry: ConnectionRegistry
    /// Requests that wait until the process has started.
    let held = HeldRequests()
    let files: FileFinder
    /// `nil` when nothing is to be packed.
    let compressor: ResponseCompressor?
    let responses: ResponseWriter
    let log: WebLog

    /// To be called on the loop.
    init(_ settings: WebServerSettings, _ loop: ProcessLoop) {
        registry = loop.registry
        let eventLoop = loop.eventLoop
        self.loop = loop
        processor = settings.processor
        configuration = settings.configuration
        tls = settings.tls
        connections = ConnectionTable(settings, loop)
        let heldOutput = HTTP2HeldOutput(eventLoop)
        self.heldOutput = heldOutput
        connections.onSweep = { heldOutput.sweep($0) }
        intake = RequestIntake(settings, connections, eventLoop)
        files = FileFinder(settings.files, settings.fileCacheLimits, on: eventLoop)
        compressor = settings.compression.map {
            ResponseCompressor($0, settings.compressionThreads, on: eventLoop)
        }
        log = WebLog(settings)
        responses = ResponseWriter(settings, log)
    }

    /// The server takes no more connections: those that are there end.
    ///
    /// - Parameter limits: How long to wait.
    /// - Returns: Done when no connection is left.
    func stop(_ limits: DrainLimits) -> EventLoopFuture<Void> {
        connections.beginStopping()
        held.refuse()
        return connections.stop(limits)
    }
}
