// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRuntime
import HeroServers
import HeroTestSupport
import NIOCore
import NIOEmbedded
import Synchronization

/// The web server on a channel without a socket, with a clock that the test moves.
struct ServedChannel: Sendable {
    let channel: NIOAsyncTestingChannel
    let network: Network
    let process: HeroProcess
    private let project: TestProject

    /// The client's side of the connection.
    final class Network: ChannelOutboundHandler, Sendable {
        typealias OutboundIn = ByteBuffer
        private struct State {
            var reads = 0
            var isStalled = false
            var written = ""
            var waiters: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
        }

        private let state = Mutex(State())

        /// How often the server has asked for more bytes.
        var reads: Int { state.withLock { $0.reads } }

        /// Whether the client takes no data.
        var isStalled: Bool {
            get { state.withLock { $0.isStalled } }
            set { state.withLock { $0.isStalled = newValue } }
        }

        func read(context: ChannelHandlerContext) {
            state.withLock { $0.reads += 1 }
            context.read()
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let text = String(buffer: unwrapOutboundIn(data))
            let ready = state.withLock { state in
                state.written += text
                let written = state.written
                let ready = state.waiters.filter { written.contains($0.text) }
                state.waiters.removeAll { written.contains($0.text) }
                return ready
            }
            for waiter in ready { waiter.continuation.resume() }
            context.write(data, promise: promise)
        }

        func flush(context: ChannelHandlerContext) {
            if !isStalled { context.flush() }
        }

        /// The channel knows no half-closed connections, which a network does.
        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            if case .output = mode { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
        }

        /// Waits until the server has written the text, whether or not the client takes it.
        func hasBeenWritten(_ text: String) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.written.contains(text) { return true }
                    state.waiters.append((text, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    init(_ setup: WebProcess.Setup) async throws {
        let (project, process) = try WebProcess.load(setup)
        let network = Network()
        (self.project, self.process, self.network) = (project, process, network)
        channel = try await NIOAsyncTestingChannel { channel in
            try channel.pipeline.syncOperations.addHandler(network)
            try WebServer.serve(channel, process.application, process.processor, upgrades: setup.upgrades)
        }
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    }

    func send(_ text: String) async throws { try await channel.writeInbound(ByteBuffer(string: text)) }

    /// What has been written since the last call; nothing is waited for.
    func received() async throws -> String {
        var text = ""
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// Reads until the text has been written.
    ///
    /// - Returns: Everything up to the piece that holds the end of the text.
    func receive(until end: String) async throws -> String {
        var text = ""
        while !text.contains(end) {
            text += String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
        }
        return text
    }

    /// How many descriptors of this process lead to files of the project whose names end so.
    func openFiles(_ suffix: String) -> Int {
        let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let root = URL(fileURLWithPath: project.root).resolvingSymlinksInPath().path
        return links.count { link in
            let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(link)")) ?? ""
            return target.hasPrefix(root) && target.hasSuffix(suffix)
        }
    }

    /// Lines of the log file with that message.
    func log(_ message: String) throws -> [JSON] {
        try WebProcess.log(message, of: process.application, in: project)
    }

    func pass(seconds: Int) async {
        for _ in 0..<seconds { await channel.testingEventLoop.advanceTime(by: .seconds(1)) }
    }

    /// Lets the client take no data from now on.
    func stall() {
        network.isStalled = true
        channel.isWritable = false
    }

    /// The client takes everything that has been written.
    func takeAll() async throws {
        network.isStalled = false
        channel.isWritable = true
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.flush()
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }
}
