// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
internal import HeroLog
package import HeroRuntime
internal import HeroSystem
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The HTTP server: owns the listening socket and every connection.
package final class WebServer: HeroServer {
    package let name = WebServerPlan.name
    private let socket: ListeningSocket
    private let eventLoop: any EventLoop
    private let fileThreads: NIOThreadPool
    private let compressionThreads = CompressionThreads()
    private let state: NIOLoopBoundBox<WebLoop>
    private let acceptor: Acceptor
    /// Bytes of a response that wait for the client.
    private let sendBuffer: Int
    private let uploads: UploadSpool
    /// Connections are taken already.
    private let isOpen = Atomic<Bool>(false)
    /// `https` when connections are encrypted.
    private let scheme: String

    /// Opens the socket; connections wait in its queue until ``accept()``.
    ///
    /// - Parameters:
    ///   - plan: What the configuration says.
    ///   - site: The process that the server is a part of.
    ///   - upgrades: Protocols with which clients may go on in place of HTTP.
    /// - Returns: The server.
    /// - Throws: ``WebServerError`` when the socket cannot be opened.
    package static func bind(
        _ plan: WebServerPlan, _ site: ServerSite, upgrades: [any UpgradeProtocol] = []
    ) async throws -> WebServer {
        let socket = try await openSocket(plan, site)
        return try await WebServer(
            site.application, site.processor, plan, socket, site.loop, upgrades)
    }

    private static func openSocket(_ plan: WebServerPlan, _ site: ServerSite) async throws -> ListeningSocket {
        let (address, log) = (plan.address, site.application.log)
        if let inherited = site.inherited { return ListeningSocket(inherited: inherited, address: address) }
        for _ in 1..<max(plan.configuration.bootAttempts, 1) {
            do {
                return try ListeningSocket(address, access: plan.access)
            } catch {
                log.write(
                    level: .error, message: "[server: web] cannot boot web server; trying again [\(error.reason)]",
                    data: [])
                try await Task.sleep(for: .seconds(1))
                log.write(level: .info, message: "[server: web] attempting to boot again..", data: [])
            }
        }
        do {
            return try ListeningSocket(address, access: plan.access)
        } catch {
            throw WebServerError("cannot start web server @ \(error)")
        }
    }

    private init(
        _ application: HeroApplication, _ processor: ActionProcessor, _ plan: WebServerPlan, _ socket: ListeningSocket,
        _ loop: ProcessLoop, _ upgrades: [any UpgradeProtocol]
    ) async throws {
        let eventLoop = loop.eventLoop
        self.eventLoop = eventLoop
        fileThreads = NIOThreadPool(numberOfThreads: 2)
        fileThreads.start()
        let settings = WebServerSettings(
            application, processor, plan, fileThreads: fileThreads, compressionThreads: compressionThreads,
            upgrades: upgrades)
        self.socket = socket
        sendBuffer = plan.configuration.limits.sendBuffer
        uploads = settings.uploads
        uploads.removeLeftovers()
        scheme = plan.tls == nil ? "http" : "https"
        state = try await eventLoop.submit {
            NIOLoopBoundBox(WebLoop(settings, loop), eventLoop: eventLoop)
        }.get()
        let shortages = settings.shortages
        acceptor = Acceptor(eventLoop: eventLoop, traffic: loop.traffic) {
            shortages.note(.connections, waiting: $0)
        }
    }

    package var address: String? {
        switch socket.address {
        case .tcp(let host, let port):
            "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port == 0 ? socket.boundPort ?? 0 : port)"
        case .unix: nil
        }
    }

    package var listeningDescriptors: [(name: String, descriptor: Int32)] { [(name, socket.descriptor)] }

    package func open() async throws {
        try await eventLoop.submit { [state] in state.value.held.begin() }.get()
        try takeConnections()
        isOpen.store(true, ordering: .relaxed)
    }

    package func accept() async throws {
        if isOpen.load(ordering: .relaxed) {
            try await eventLoop.submit { [state] in state.value.held.release() }.get()
        } else {
            try takeConnections()
        }
    }

    private func takeConnections() throws {
        let (state, eventLoop) = (state, eventLoop)
        let mark = ChannelOptions.Types.WriteBufferWaterMark(low: sendBuffer / 2, high: sendBuffer)
        try acceptor.start(socket.duplicate()) { connection in
            // A connection that ended before it was set up has nothing to say; the descriptor is the bootstrap's.
            _ = ClientBootstrap(group: eventLoop)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65_536)
                )
                .channelOption(.writeBufferWaterMark, value: mark)
                // A client that will send no more may well wait for its answers (RFC 9112, 9.6).
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Self.addHandlers(to: channel, state.value, socket: connection)
                    }
                }
                .withConnectedSocket(connection)
        }
    }

    package func takeNothingNew() async { await acceptor.stop() }

    package func stop(keepsSocket: Bool, _ limits: DrainLimits) async {
        await takeNothingNew()
        let state = state
        let drained = eventLoop.flatSubmit { state.value.stop(limits) }
        try? await drained.get()
        if !keepsSocket { socket.close() }
    }

    package var connectionCount: Int {
        get async { (try? await eventLoop.submit { [state] in state.value.connections.count }.get()) ?? 0 }
    }

    package func shutDown() async {
        try? await fileThreads.shutdownGracefully()
        uploads.directory.remove()
        await compressionThreads.shutDown()
    }
}
