// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
package import NIOCore

/// Encrypts what leaves a channel and decrypts what arrives, with the system's OpenSSL.
///
/// Plain bytes wait until they are flushed or are many; encrypted ones wait in the channel, which says through its
/// writability when they are too many. What arrives is decrypted at once, so only part of a record is ever kept;
/// whoever wants less does not read.
///
/// When the handshake is done, a ``TLSHandshake`` travels through the pipeline. When the peer says that it will send
/// nothing more, the channel closes, or with `allowsHalfClosure` goes on sending; whether what had been sent was whole is
/// for whoever reads it to tell.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Nothing has arrived at a server.
        case waiting
        case handshaking
        case open
        /// Nothing is encrypted or decrypted any more: failed, refused or closed.
        case over
    }

    private let connection: TLSConnection
    private let isServer: Bool
    private let plaintextAnswer: ByteBuffer?
    private let allowsHalfClosure: Bool
    private var phase = Phase.waiting
    private var pending = MarkedCircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>(
        initialCapacity: 4)
    private var pendingBytes = 0
    private var isReading = false
    private var needsFlush = false
    private var inputHasEnded = false
    private var outputHasEnded = false

    /// Plain bytes that wait for no flush.
    private static let pendingLimit = 65_536

    /// Makes the handler of one connection.
    ///
    /// - Parameters:
    ///   - context: A server's or a client's.
    ///   - serverName: The host that a client wants to reach.
    ///   - plaintextAnswer: What a client gets that speaks plain HTTP to a server.
    ///   - allowsHalfClosure: Whether the channel stays open when the peer has said that it will send nothing more.
    /// - Throws: ``TLSError``.
    package init(
        _ context: TLSContext, serverName: String? = nil, plaintextAnswer: ByteBuffer? = nil,
        allowsHalfClosure: Bool = false
    ) throws(TLSError) {
        connection = try TLSConnection(context, serverName: serverName)
        isServer = context.isServer
        self.plaintextAnswer = plaintextAnswer
        self.allowsHalfClosure = allowsHalfClosure
    }

    // MARK: Life

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        phase = .over
        failPending(ChannelError.ioOnClosedChannel)
    }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        let last = phase
        phase = .over
        failPending(ChannelError.ioOnClosedChannel)
        switch last {
        case .handshaking:
            context.fireErrorCaught(TLSError(.handshake, "the peer left before the handshake was done"))
        case .open where !inputHasEnded:
            context.fireErrorCaught(TLSError(.truncated, "the connection ended without a word from the peer"))
        case .waiting, .open, .over: break
        }
        context.fireChannelInactive()
    }

    /// The channel knows half-closed connections, and its peer has ended its half.
    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        switch phase {
        case .open: endInput(context)
        case .waiting: context.close(promise: nil)
        case .handshaking: fail(TLSError(.handshake, "the peer left before the handshake was done"), context)
        // What is left to be written is followed by the end of the connection.
        case .over: break
        }
    }

    /// A client speaks first.
    private func begin(_ context: ChannelHandlerContext) {
        guard !isServer, case .waiting = phase else { return }
        phase = .handshaking
        advance(context, expecting: 0)
        flushOutsideOfReads(context)
    }

    // MARK: Reading

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        isReading = true
        switch phase {
        case .over: return
        case .waiting:
            guard bytes.readableBytes > 0 else { return }
            if let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self), Self.isText(first) {
                refusePlaintext(context)
                return
            }
            phase = .handshaking
        case .handshaking, .open: break
        }
        connection.receive(bytes)
        advance(context, expecting: bytes.readableBytes)
    }

    /// A record begins with a byte from 20 to 24, a method with a letter.
    private static func isText(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    package func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    /// Goes as far as what has arrived allows.
    private func advance(_ context: ChannelHandlerContext, expecting count: Int) {
        if case .handshaking = phase {
            let progress = connection.handshake()
            writeOutput(context, promise: nil)
            switch progress {
            case .done:
                phase = .open
                context.fireUserInboundEventTriggered(connection.agreement)
                encryptPending(context)
            case .needsInput: return
            case .ended: return fail(TLSError(.handshake, "the peer left before the handshake was done"), context)
            case .failed(let error): return fail(error, context)
            }
        }
        decrypt(context, expecting: count)
    }

    private func decrypt(_ context: ChannelHandlerContext, expecting count: Int) {
        var buffer = context.channel.allocator.buffer(capacity: count + 1024)
        while case .open = phase {
            let progress = connection.decrypt(into: &buffer)
            if case .done = progress, buffer.readableBytes < Self.pendingLimit { continue }
            if buffer.readableBytes > 0 {
                let plain = buffer
                buffer = ByteBuffer()
                // Whoever gets it may write and close.
                context.fireChannelRead(wrapInboundOut(plain))
            }
            switch progress {
            case .done: continue
            case .needsInput: writeOutput(context, promise: nil)
            case .ended: endInput(context)
            case .failed(let error):
                writeOutput(context, promise: nil)
                fail(error, context)
            }
            return
        }
    }

    private func endInput(_ context: ChannelHandlerContext) {
        guard case .open = phase, !inputHasEnded else { return }
        inputHasEnded = true
        if allowsHalfClosure, !outputHasEnded {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }

    /// Tells the peer why, if OpenSSL has something to say, and closes.
    private func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        if case .over = phase { return }
        phase = .over
        failPending(error)
        needsFlush = false
        context.flush()
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    /// The client reads the answer if it is given time to: what it has sent and nobody reads would make the kernel take
    /// the answer away.
    private func refusePlaintext(_ context: ChannelHandlerContext) {
        phase = .over
        let error = TLSError(.plaintext, "the client spoke plain HTTP")
        guard let plaintextAnswer else {
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(plaintextAnswer)).whenComplete { _ in
            bound.value.close(mode: .output, promise: nil)
        }
        context.fireUserInboundEventTriggered(error)
    }

    // MARK: Writing

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .over = phase {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard !outputHasEnded else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        let bytes = unwrapOutboundIn(data)
        pending.append((bytes, promise))
        pendingBytes += bytes.readableBytes
        if pendingBytes >= Self.pendingLimit { encryptPending(context) }
    }

    package func flush(context: ChannelHandlerContext) {
        encryptPending(context)
        needsFlush = false
        context.flush()
    }

    /// Encrypts what waits, in records as large as they may be.
    private func encryptPending(_ context: ChannelHandlerContext) {
        guard case .open = phase, !pending.isEmpty else { return }
        var promises: [EventLoopPromise<Void>] = []
        var small = ByteBuffer()
        var progress = TLSConnection.Progress.done
        while let (bytes, promise) = pending.popFirst() {
            if let promise { promises.append(promise) }
            guard case .done = progress else { continue }
            // One record for several small pieces; a single piece needs no copy.
            let joins = small.readableBytes + bytes.readableBytes <= TLSConnection.recordBytes
            if joins, small.readableBytes > 0 || !pending.isEmpty {
                small.writeImmutableBuffer(bytes)
                continue
            }
            progress = encrypt(&small, context)
            var bytes = bytes
            if case .done = progress { progress = encrypt(&bytes, context) }
        }
        if case .done = progress { progress = encrypt(&small, context) }
        pendingBytes = 0
        guard case .failed(let error) = progress else {
            writeOutput(context, promise: Self.joined(promises, context.eventLoop))
            return
        }
        for promise in promises { promise.fail(error) }
        fail(error, context)
    }

    /// What leaves goes on in pieces, so that a large body is not in memory twice.
    private func encrypt(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) -> TLSConnection.Progress {
        while bytes.readableBytes > 0 {
            let count = min(bytes.readableBytes, 8 * TLSConnection.recordBytes)
            let progress = bytes.withUnsafeReadableBytes {
                connection.encrypt(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            guard case .done = progress else { return progress }
            bytes.moveReaderIndex(forwardBy: count)
            if bytes.readableBytes > 0 { writeOutput(context, promise: nil) }
        }
        bytes.clear()
        return .done
    }

    /// - Returns: A promise that completes all of these.
    private static func joined(
        _ promises: [EventLoopPromise<Void>], _ eventLoop: any EventLoop
    ) -> EventLoopPromise<Void>? {
        guard promises.count > 1 else { return promises.first }
        let promise = eventLoop.makePromise(of: Void.self)
        for other in promises { promise.futureResult.cascade(to: other) }
        return promise
    }

    private func writeOutput(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let output = connection.takeOutput(context.channel.allocator)
        guard output != nil || promise != nil else { return }
        context.write(wrapOutboundOut(output ?? ByteBuffer()), promise: promise)
        needsFlush = true
    }

    private func flushOutsideOfReads(_ context: ChannelHandlerContext) {
        guard needsFlush, !isReading else { return }
        needsFlush = false
        context.flush()
    }

    private func failPending(_ error: any Error) {
        while let (_, promise) = pending.popFirst() { promise?.fail(error) }
        pendingBytes = 0
    }

    // MARK: Closing

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input: context.close(mode: .input, promise: promise)
        case .output:
            guard case .open = phase, !outputHasEnded else { return context.close(mode: .output, promise: promise) }
            encryptPending(context)
            endOutput(context).whenComplete { [bound = NIOLoopBound(context, eventLoop: context.eventLoop)] _ in
                bound.value.close(mode: .output, promise: promise)
            }
        case .all:
            if case .open = phase, !outputHasEnded { _ = endOutput(context) }
            phase = .over
            failPending(ChannelError.ioOnClosedChannel)
            context.close(mode: .all, promise: promise)
        }
    }

    /// Tells the peer that nothing more follows.
    ///
    /// - Returns: Done when that has been sent.
    private func endOutput(_ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        outputHasEnded = true
        connection.end()
        let promise = context.eventLoop.makePromise(of: Void.self)
        writeOutput(context, promise: promise)
        needsFlush = false
        context.flush()
        return promise.futureResult
    }
}
