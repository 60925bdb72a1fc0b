// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import HeroTLS
internal import NIOCore

/// One client's connection in HTTP/1.1: bytes in, requests to the responder, responses out, one after the other.
///
/// Lives on one event loop and is touched by nothing else.
final class WebChannelHandler: ChannelDuplexHandler, RemovableChannelHandler, LingeringConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What the connection is doing.
    enum Phase {
        /// Waiting for a request or reading its head.
        case reading
        /// Reading a body.
        case receiving(IncomingRequest)
        /// An action is running, or its response is being sent.
        case answering
        /// The last response has been written.
        case closing
    }

    /// How a streamed response ends, which its head has announced.
    struct StreamFraming {
        var isChunked = false
        var keepsAlive = false
    }

    /// How far a TLS connection has come.
    enum Security {
        case plain, handshaking, agreed, used
    }

    let shared: WebLoop
    /// The connection's, where what is written goes out as it is.
    private let socket: CInt?
    /// Whose process has connected; `nil` unless that counts.
    private let user: UInt32?
    /// `nil` until the first file that does not fit into memory.
    var files: FileSender?
    var security: Security
    var parser: HTTPRequestParser
    /// Whether the client may still turn out to speak HTTP/2.
    private var mayBeHTTP2: Bool
    var input = ByteBuffer()
    var phase = Phase.reading
    private(set) var peer = ConnectionPeer()
    let responder: RequestResponder
    var streamFraming = StreamFraming()
    private var requests = 0
    private var requestsInRow = 0
    var context: ChannelHandlerContext?
    private(set) var holdsRead = false
    /// The client will send nothing more; it may well listen.
    var inputHasEnded = false
    private var isGivingWay = false
    private var isProcessing = false
    private var needsFlush = false
    var deadline: ConnectionDeadline?
    var progress = WritingProgress()
    /// How long a client that keeps sending after the last response is listened to.
    var lingersUntil = NIODeadline.distantFuture

    init(_ shared: WebLoop, socket: CInt? = nil, user: UInt32? = nil) {
        self.shared = shared
        self.socket = socket
        self.user = user
        security = shared.tls == nil ? .plain : .handshaking
        // Over TLS it says so while shaking hands.
        mayBeHTTP2 = shared.configuration.http2 && shared.tls == nil
        parser = HTTPRequestParser(limits: shared.intake.limits)
        responder = RequestResponder(shared)
    }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        shared.connections.add(self)
        responder.open(self)
        deadline = shared.connections.deadline(shared.tls == nil ? .keepAlive : .handshake)
        admit(context) { peer throws(TooManyConnections) in
            try peer.open(RemoteAddress(context.remoteAddress, user: user), shared)
        }
        context.fireChannelActive()
    }

    /// One connection too many is closed without a word: to answer it would keep it open.
    private func admit(
        _ context: ChannelHandlerContext, _ body: (inout ConnectionPeer) throws(TooManyConnections) -> Void
    ) {
        do {
            try body(&peer)
        } catch {
            phase = .closing
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        deadline = nil
        responder.abandon()
        shared.connections.remove(self)
        peer.close(shared)
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError, error.kind == .handshake { shared.log.tlsFailure(error, peer.remote) }
        // A client that went away or a broken network; there is nobody to tell.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let client as ProxyProtocolHandler.ClientKnown:
            admit(context) { peer throws(TooManyConnections) in
                try peer.identify(RemoteAddress(client.address, port: client.port), shared)
            }
        case let handshake as TLSHandshake:
            security = .agreed
            peer.identify(by: handshake.peerCertificate)
            if handshake.applicationProtocol == "h2" { return becomeHTTP2(context) }
            if !shared.connections.isStopping { deadline = shared.connections.deadline(.keepAlive) }
        // It has been told; the deadline ends the connection if it does not.
        case let error as TLSError: shared.log.tlsFailure(error, peer.remote)
        case let event as ChannelEvent where event == .inputClosed: inputEnded(context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if case .closing = phase {
            // Taken and dropped: a client that could not finish sending would not read the response.
            goOnLingering()
            return
        }
        input.append(bytes)
        if mayBeHTTP2 {
            switch HTTP2Preface.match(input) {
            case .complete: return becomeHTTP2(context)
            case .possible:
                if deadline?.kind != .headers { deadline = shared.connections.deadline(.headers) }
                return
            case .none: mayBeHTTP2 = false
            }
        }
        process(context)
    }

    /// What has arrived is all that will.
    private func inputEnded(_ context: ChannelHandlerContext) {
        inputHasEnded = true
        // Half of a preface is no request.
        mayBeHTTP2 = false
        process(context)
        flushIfNeeded(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded(context)
        context.fireChannelReadComplete()
    }

    /// Reading stops while more than enough requests have arrived that cannot be answered now.
    func read(context: ChannelHandlerContext) {
        if isBodyHeld || input.readableBytes > shared.intake.limits.pipelinedBytes && mustWait(context) {
            holdsRead = true
        } else {
            context.read()
        }
    }

    /// Another request is being answered, the client does not take its answers, or it is the turn of others.
    private func mustWait(_ context: ChannelHandlerContext) -> Bool {
        isBusy || isGivingWay || !context.channel.isWritable
    }

    private var isBusy: Bool {
        switch phase {
        case .answering, .closing: true
        case .receiving(let request): request.hasEnded || request.reader.isPaused
        case .reading: false
        }
    }

    /// More of the body would have to be kept in memory.
    private var isBodyHeld: Bool {
        if case .receiving(let request) = phase { return request.reader.isPaused && !request.hasEnded }
        return false
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            responder.canWrite()
            process(context)
            flushIfNeeded(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Reads as many requests as can be answered at once.
    func process(_ context: ChannelHandlerContext) {
        guard !isProcessing, !isGivingWay else { return }
        isProcessing = true
        defer { isProcessing = false }
        do throws(HTTPFault) {
            // A client that sends requests but takes no answers is made to wait.
            requestsInRow = 0
            while !isBusy, context.channel.isWritable, try step(context) {
                guard requestsInRow < shared.connections.requestLimits.inRow else {
                    giveWay(context)
                    break
                }
            }
        } catch {
            refuse(error, context)
        }
        if holdsRead, !mustWait(context) {
            holdsRead = false
            context.read()
        }
    }

    /// Lets other connections have their turn before the next requests of this one.
    private func giveWay(_ context: ChannelHandlerContext) {
        isGivingWay = true
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.handler.isGivingWay = false
            guard bound.value.handler.context != nil else { return }
            bound.value.handler.process(bound.value.context)
            bound.value.handler.flushIfNeeded(bound.value.context)
        }
    }

    /// - Returns: Whether there may be more to do.
    private func step(_ context: ChannelHandlerContext) throws(HTTPFault) -> Bool {
        switch try parser.next(&input) {
        case .needsMoreData:
            if inputHasEnded { ranOut(context) } else { waitForMore() }
            return false
        case .head(let head):
            if head.framing.body == .none {
                // The usual request ends with its head; the parser says so in its next event.
                _ = try parser.next(&input)
                dispatch(head, nil, began: .now)
                return true
            }
            return beginBody(head, context)
        case .body(let bytes):
            guard case .receiving(let request) = phase else { return false }
            try request.reader.feed(bytes)
            // The client is not to blame for what happens while it waits.
            if request.reader.isPaused { deadline = nil }
        case .end:
            guard case .receiving(let request) = phase else { return false }
            request.hasEnded = true
            deadline = nil
            try request.reader.end()
            dispatchIfRead(request)
        }
        return true
    }

    /// - Returns: Whether the body is wanted.
    private func beginBody(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        do throws(HTTPFault) {
            let request = try shared.intake.beginBody(head) { [weak self] in self?.bodyMoved() }
            phase = .receiving(request)
            deadline = shared.intake.bodyDeadline(request)
        } catch {
            refuse(error, context, head)
            return false
        }
        if head.framing.expectsContinue {
            write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), context)
        }
        return true
    }

    private func dispatchIfRead(_ request: IncomingRequest) {
        guard let body = request.reader.result else { return }
        dispatch(request.head, body, began: request.began)
    }

    /// Something has become of the body meanwhile.
    private func bodyMoved() {
        guard let context, case .receiving(let request) = phase else { return }
        if let fault = request.reader.failure {
            refuse(fault, context)
        } else if request.hasEnded {
            dispatchIfRead(request)
        } else if !request.reader.isPaused {
            if deadline == nil { deadline = shared.intake.bodyDeadline(request) }
            process(context)
        }
        flushIfNeeded(context)
    }

    func waitForMore() {
        switch phase {
        case .reading where parser.isInsideRequest:
            // From the first byte of a head to its last: otherwise a byte now and then would keep it open for ever.
            if deadline?.kind != .headers { deadline = shared.connections.deadline(.headers) }
        case .reading: if deadline?.kind != .keepAlive { deadline = shared.connections.deadline(.keepAlive) }
        case .receiving(let request): deadline = shared.intake.bodyDeadline(request)
        case .answering, .closing: break
        }
    }

    // MARK: Answering

    private func dispatch(_ head: HTTPRequestHead, _ body: ReceivedBody?, began: WallTime) {
        requests += 1
        requestsInRow += 1
        phase = .answering
        if case .agreed = security { security = .used }
        deadline = nil
        responder.answer(shared.intake.take(head, body, from: peer, began))
    }

    func keepsAlive(_ exchange: WebExchange) -> Bool {
        let limit = shared.connections.requestLimits.total
        return exchange.keepsAlive && !exchange.mustClose && !shared.connections.isStopping
            && (limit == 0 || requests < limit)
            && !(inputHasEnded && input.readableBytes == 0)
    }

    func endExchange(keepsAlive: Bool, _ context: ChannelHandlerContext) {
        guard keepsAlive else {
            close(context)
            return
        }
        phase = .reading
        if context.channel.isWritable {
            deadline = shared.connections.deadline(.keepAlive)
        } else {
            awaitWriting(context)
        }
        if !isProcessing {
            process(context)
            flushIfNeeded(context)
        }
    }

    func refuse(_ fault: HTTPFault, _ context: ChannelHandlerContext, _ head: HTTPRequestHead? = nil) {
        var head = head
        if case .receiving(let request) = phase { head = request.head }
        shared.log.refusal(fault, head, peer.remote, path: head.flatMap(shared.intake.loggedPath))
        write(shared.responses.writeHTTP1(shared.responses.renderFault(fault, head), nil, keepsAlive: false), context)
        close(context)
    }

    /// Closes once the response has left.
    func close(_ context: ChannelHandlerContext) {
        phase = .closing
        input = ByteBuffer()
        needsFlush = false
        closeAfterWriting(context)
    }

    var isClosing: Bool {
        if case .closing = phase { return true }
        return false
    }

    func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        progress.queuedBytes += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
        if !isProcessing { flushIfNeeded(context) }
    }

    func flushIfNeeded(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    /// Makes the connection one that takes pieces of files.
    func addFileSender(_ context: ChannelHandlerContext) -> FileSender? {
        if let files { return files }
        let sender = FileSender(threadPool: shared.files.server.threadPool, socket: socket)
        guard (try? context.pipeline.syncOperations.addHandler(sender, position: .before(self))) != nil else {
            return nil
        }
        files = sender
        return sender
    }
}
