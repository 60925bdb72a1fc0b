// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroCore
internal import NIOCore
internal import NIOPosix

/// The HTTP server: owns the listening socket, the event loop and every connection on it.
package final class WebServer: HeroServer {
    package let name = "web"
    private let socket: ListeningSocket
    private let group: MultiThreadedEventLoopGroup
    private let fileThreads: NIOThreadPool
    private let state: NIOLoopBoundBox<WebLoopState>
    private let listener: NIOLoopBoundBox<(any Channel)?>

    /// Opens the socket; connections wait in its queue until ``accept()``.
    ///
    /// - Parameters:
    ///   - application: The process.
    ///   - plan: What the configuration says.
    ///   - processor: Where actions run.
    ///   - inherited: A descriptor that listens already.
    /// - Returns: `nil` when the configuration says that there is to be no web server.
    /// - Throws: ``WebServerError`` when the socket cannot be opened.
    package static func bind(
        _ application: HeroApplication, _ plan: WebServerPlan, processor: ActionProcessor, inherited: Int32?
    ) async throws -> WebServer? {
        guard plan.configuration.enabled else { return nil }
        let socket = try await openSocket(plan.configuration, application.log, inherited: inherited)
        return try await WebServer(application, processor, plan, socket)
    }

    private static func openSocket(
        _ configuration: WebConfiguration, _ log: LogRouter, inherited: Int32?
    ) async throws -> ListeningSocket {
        let address = ListenAddress(port: configuration.port, bindIP: configuration.bindIP)
        if let inherited { return ListeningSocket(inherited: inherited, address: address) }
        for _ in 1..<max(configuration.bootAttempts, 1) {
            do {
                return try ListeningSocket(address)
            } catch {
                log.write(level: .error, message: "cannot boot web server; trying again [\(error.reason)]", data: [])
                try await Task.sleep(for: .seconds(1))
                log.write(level: .info, message: "attempting to boot again..", data: [])
            }
        }
        do {
            return try ListeningSocket(address)
        } catch {
            throw WebServerError("cannot start web server @ \(error)")
        }
    }

    private init(
        _ application: HeroApplication, _ processor: ActionProcessor, _ plan: WebServerPlan, _ socket: ListeningSocket
    ) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        fileThreads = NIOThreadPool(numberOfThreads: 2)
        fileThreads.start()
        let settings = WebServerSettings(application, processor, plan, fileThreads: fileThreads)
        self.socket = socket
        let eventLoop = group.next()
        state = try await eventLoop.submit {
            NIOLoopBoundBox(WebLoopState(settings, eventLoop: eventLoop), eventLoop: eventLoop)
        }.get()
        listener = try await eventLoop.submit {
            NIOLoopBoundBox<(any Channel)?>(nil, eventLoop: eventLoop)
        }.get()
    }

    private var eventLoop: any EventLoop { group.next() }

    package var address: String? {
        switch socket.address {
        case .tcp(let host, let port):
            "http://\(host.contains(":") ? "[\(host)]" : host):\(port == 0 ? socket.boundPort ?? 0 : port)"
        case .unix: nil
        }
    }

    package var activities: [LoopActivity] {
        get async { (try? await eventLoop.submit { [state] in [state.value.loop.activity] }.get()) ?? [] }
    }

    package var listeningDescriptors: [(name: String, descriptor: Int32)] { [(name, socket.descriptor)] }
    package func keepListeningAcrossExecution() { socket.keepAcrossExecution() }
    package func cancelKeepListening() { socket.closeOnExecution() }

    package func accept() async throws {
        let state = state
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WebChannelHandler(state.value))
                }
            }
        let channel = try await bootstrap.withBoundSocket(socket.duplicate()).get()
        let listener = listener
        try await eventLoop.submit { listener.value = channel }.get()
    }

    package func stop(keepsSocket: Bool) async {
        let (state, listener) = (state, listener)
        let drained = eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            listener.value?.close(promise: nil)
            listener.value = nil
            return state.value.stop()
        }
        try? await drained.get()
        if !keepsSocket { socket.close() }
    }

    package func shutDown() async {
        try? await group.shutdownGracefully()
        try? await fileThreads.shutdownGracefully()
    }
}
