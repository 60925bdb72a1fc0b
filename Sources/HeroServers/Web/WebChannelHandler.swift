// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import HeroTLS
internal import NIOCore

/// One client connection: bytes in, requests to the action processor, responses out, one after the other.
///
/// Lives on one event loop and is touched by nothing else.
final class WebChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What the connection is doing.
    enum Phase {
        /// Waiting for a request or reading its head.
        case reading
        /// Reading a body.
        case receiving(IncomingRequest)
        /// An action is running, or its response is being streamed.
        case answering(WebExchange, Answer)
        /// The last response has been written.
        case closing
    }

    /// A request whose body is arriving.
    ///
    /// A class, so that looking at the phase copies a reference and not all of this.
    final class IncomingRequest {
        let head: HTTPRequestHead
        let began = WallTime.now
        let reader: RequestBodyReader
        /// All of it has arrived, but not all of it has been worked on.
        var hasEnded = false

        init(_ head: HTTPRequestHead, _ reader: RequestBodyReader) { (self.head, self.reader) = (head, reader) }
    }

    enum Answer {
        case none
        case call(ActionCall)
        case stream(Task<Void, Never>)
    }

    /// How far a TLS connection has come.
    private enum Security {
        case plain, handshaking, agreed, used
    }

    let shared: WebLoopState
    /// Sends files where the system cannot, which is through TLS.
    let files: FileRegionReader?
    private var security: Security
    private var parser: HTTPRequestParser
    private var input = ByteBuffer()
    var phase = Phase.reading
    private var remote = RemoteAddress(nil)
    /// The client passes on what others ask, and says who they are.
    private var isProxied = false
    private var isCounted = false
    private var countedAddress: IPAddress?
    private var requests = 0
    private var requestsInRow = 0
    var context: ChannelHandlerContext?
    private var holdsRead = false
    private var isProcessing = false
    private var needsFlush = false
    var streamWaiter: CheckedContinuation<Void, any Error>?
    private(set) var deadline: ConnectionDeadline?
    var progress = WritingProgress()
    /// How long a client that keeps sending after the last response is listened to.
    private var lingersUntil = NIODeadline.distantFuture

    init(_ shared: WebLoopState, files: FileRegionReader? = nil) {
        self.shared = shared
        self.files = files
        security = shared.tls == nil ? .plain : .handshaking
        parser = HTTPRequestParser(limits: shared.limits)
    }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        shared.add(self)
        isCounted = shared.open()
        setRemote(RemoteAddress(context.remoteAddress), context)
        deadline = shared.deadline(shared.tls == nil ? .keepAlive : .handshake)
        context.fireChannelActive()
    }

    /// One connection too many is closed without a word: to answer it would keep it open.
    private func setRemote(_ remote: RemoteAddress, _ context: ChannelHandlerContext) {
        self.remote = remote
        isProxied = shared.trusts(remote)
        do throws(TooManyConnections) {
            guard isCounted else { throw TooManyConnections() }
            countedAddress = try shared.attribute(remote)
        } catch {
            phase = .closing
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        shared.remove(self)
        if isCounted { shared.close(countedAddress) }
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError, error.kind == .handshake { shared.logTLSFailure(error, remote) }
        // A client that went away or a broken network; there is nobody to tell.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let client as ProxyProtocolHandler.ClientKnown:
            setRemote(RemoteAddress(client.address, port: client.port), context)
        case let handshake as TLSHandshake:
            security = .agreed
            remote = remote.identified(by: handshake.peerCertificate)
            if !shared.isStopping { deadline = shared.deadline(.keepAlive) }
        // It has been told; the deadline ends the connection if it does not.
        case let error as TLSError: shared.logTLSFailure(error, remote)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client is gone: whatever runs for it may stop.
    private func abandon() {
        if case .answering(_, let answer) = phase {
            switch answer {
            case .call(let call): call.cancel()
            case .stream(let task): task.cancel()
            case .none: break
            }
        }
        phase = .closing
        streamWaiter?.resume(throwing: CancellationError())
        streamWaiter = nil
        deadline = nil
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
        process(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded(context)
        context.fireChannelReadComplete()
    }

    /// Reading stops while a request is being answered and more than enough of the next ones has arrived.
    func read(context: ChannelHandlerContext) {
        if isBodyHeld || input.readableBytes > shared.limits.pipelinedBytes && isBusy {
            holdsRead = true
        } else {
            context.read()
        }
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
            streamWaiter?.resume()
            streamWaiter = nil
            process(context)
            flushIfNeeded(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Reads as many requests as can be answered at once.
    func process(_ context: ChannelHandlerContext) {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        do throws(HTTPFault) {
            // A client that sends requests but takes no answers is made to wait.
            requestsInRow = 0
            while !isBusy, context.channel.isWritable, try step(context) {
                guard requestsInRow < shared.requestLimits.inRow else {
                    giveWay(context)
                    break
                }
            }
        } catch {
            refuse(error, context)
        }
        if holdsRead, !isBusy {
            holdsRead = false
            context.read()
        }
    }

    /// Lets other connections have their turn before the next requests of this one.
    private func giveWay(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            guard bound.value.handler.context != nil else { return }
            bound.value.handler.process(bound.value.context)
            bound.value.handler.flushIfNeeded(bound.value.context)
        }
    }

    /// - Returns: Whether there may be more to do.
    private func step(_ context: ChannelHandlerContext) throws(HTTPFault) -> Bool {
        switch try parser.next(&input) {
        case .needsMoreData:
            waitForMore()
            return false
        case .head(let head):
            if head.framing.body == .none {
                // The usual request ends with its head; the parser says so in its next event.
                _ = try parser.next(&input)
                dispatch(head, nil, began: .now, context)
                return true
            }
            phase = .receiving(IncomingRequest(head, try makeBodyReader(head, context)))
            deadline = shared.deadline(.body)
            if head.framing.expectsContinue {
                write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), context)
            }
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
            dispatchIfRead(request, context)
        }
        return true
    }

    private func makeBodyReader(
        _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) throws(HTTPFault) -> RequestBodyReader {
        let reader = try shared.makeBodyReader(head)
        reader.onProgress = { [weak self] in self?.bodyMoved() }
        return reader
    }

    private func dispatchIfRead(_ request: IncomingRequest, _ context: ChannelHandlerContext) {
        guard let body = request.reader.result else { return }
        dispatch(request.head, body, began: request.began, context)
    }

    /// Something has become of the body meanwhile.
    private func bodyMoved() {
        guard let context, case .receiving(let request) = phase else { return }
        if let fault = request.reader.failure {
            refuse(fault, context)
        } else if request.hasEnded {
            dispatchIfRead(request, context)
        } else if !request.reader.isPaused {
            if deadline == nil { deadline = shared.deadline(.body) }
            process(context)
        }
        flushIfNeeded(context)
    }

    private func waitForMore() {
        switch phase {
        case .reading where parser.isInsideRequest:
            // From the first byte of a head to its last: otherwise a byte now and then would keep it open for ever.
            if deadline?.kind != .headers { deadline = shared.deadline(.headers) }
        case .reading: if deadline?.kind != .keepAlive { deadline = shared.deadline(.keepAlive) }
        case .receiving: deadline = shared.deadline(.body)
        case .answering, .closing: break
        }
    }

    // MARK: Answering

    private func dispatch(
        _ head: HTTPRequestHead, _ body: ReceivedBody?, began: WallTime, _ context: ChannelHandlerContext
    ) {
        requests += 1
        requestsInRow += 1
        let exchange = shared.makeExchange(head, body, remote, isProxied: isProxied, began)
        phase = .answering(exchange, .none)
        if case .agreed = security { security = .used }
        deadline = nil
        switch shared.read(exchange, body: body) {
        case .action(let request): start(request, exchange, context)
        case .options: finish(shared.renderOptions(exchange, keepsAlive: keepsAlive(exchange)), exchange, context)
        case .trace(let params):
            finish(shared.renderTrace(exchange, params, keepsAlive: keepsAlive(exchange)), exchange, context)
        case .file(let path, let directory):
            sendFile(path, below: directory, state: nil, exchange, context)
        case .health(let question):
            finish(shared.renderHealth(question, exchange, keepsAlive: keepsAlive(exchange)), exchange, context)
        case .redirect(let location):
            let response = shared.renderRedirect(to: location, exchange, keepsAlive: keepsAlive(exchange))
            finish(response, exchange, context)
        case .refuse(let fault, let params):
            finish(shared.renderRefusal(fault, exchange, params, keepsAlive: keepsAlive(exchange)), exchange, context)
        }
    }

    private func start(_ request: ActionRequest, _ exchange: WebExchange, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let call = shared.processor.start(request, on: shared.loop) { call in
            bound.value.handler.actionEnded(call, exchange, bound.value.context)
        }
        if case .answering(let current, .none) = phase, current === exchange {
            phase = .answering(exchange, .call(call))
        }
    }

    private func actionEnded(_ call: ActionCall, _ exchange: WebExchange, _ context: ChannelHandlerContext) {
        guard case .answering(let current, _) = phase, current === exchange else { return }
        // An error is answered as one, whatever the action had in mind before it failed.
        let outcome = call.outcome
        guard let body = outcome.response.body, outcome.result?.error == nil else {
            finish(shared.render(call, outcome, exchange, keepsAlive: keepsAlive(exchange)), exchange, context)
            return
        }
        switch body.content {
        case .bytes(let bytes):
            let response = shared.renderBytes(call, bytes, body.headers, exchange, keepsAlive: keepsAlive(exchange))
            finish(response, exchange, context)
        case .file(let path): sendFile(path, state: outcome.response, exchange, context)
        case .stream(let stream): startStream(stream, body.headers, call, exchange, context)
        }
    }

    func keepsAlive(_ exchange: WebExchange) -> Bool {
        let limit = shared.requestLimits.total
        return exchange.keepsAlive && !exchange.mustClose && !shared.isStopping && (limit == 0 || requests < limit)
    }

    /// Writes a whole response and goes on to the next request.
    private func finish(_ response: ByteBuffer, _ exchange: WebExchange, _ context: ChannelHandlerContext) {
        write(response, context)
        endExchange(keepsAlive: keepsAlive(exchange), context)
    }

    func endExchange(keepsAlive: Bool, _ context: ChannelHandlerContext) {
        guard keepsAlive else {
            closeAfterWriting(context)
            return
        }
        phase = .reading
        if context.channel.isWritable { deadline = shared.deadline(.keepAlive) } else { awaitWriting(context) }
        if !isProcessing {
            process(context)
            flushIfNeeded(context)
        }
    }

    private func refuse(_ fault: HTTPFault, _ context: ChannelHandlerContext) {
        write(shared.renderFault(fault), context)
        closeAfterWriting(context)
    }

    /// Closes once the response has left.
    ///
    /// Unread input would make the kernel reset the connection and with it take the response away from the client, so
    /// the client gets a moment to read and close first.
    private func closeAfterWriting(_ context: ChannelHandlerContext) {
        phase = .closing
        input = ByteBuffer()
        awaitWriting(context)
        needsFlush = false
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.handler.linger()
            bound.value.context.close(mode: .output, promise: nil)
        }
    }

    func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        progress.queuedBytes += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
        if !isProcessing { flushIfNeeded(context) }
    }

    private func flushIfNeeded(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    // MARK: Time

    /// Called by the loop's sweep when the deadline has passed.
    func deadlinePassed() {
        guard let context, let deadline else { return }
        self.deadline = nil
        let unsent = WritingProgress.unsentBytes(context, files)
        switch deadline.kind {
        case .headers, .body: refuse(.timeout, context)
        case .keepAlive where unsent > 0: awaitWriting(context)
        case .write where unsent == 0: waitForMore()
        case .write where progress.hasMoved(unsent: unsent): awaitWriting(context)
        case .handshake, .firstRequest, .keepAlive, .lingering, .write: context.close(promise: nil)
        }
    }

    /// The client has data to take; a slow one is not one that has gone.
    func awaitWriting(_ context: ChannelHandlerContext) {
        progress.mark(unsent: WritingProgress.unsentBytes(context, files))
        deadline = shared.deadline(.write)
    }

    /// The last response has left.
    private func linger() {
        guard case .closing = phase, context != nil else { return }
        lingersUntil = shared.loop.eventLoop.now + WebLoopState.longestLingering
        deadline = shared.deadline(.lingering)
    }

    private func goOnLingering() {
        guard deadline?.kind == .lingering, !shared.isStopping, let next = shared.deadline(.lingering),
            next.time < lingersUntil
        else { return }
        deadline = next
    }

    func closeNow() { context?.close(promise: nil) }

    /// The server is stopping: connections between requests have nothing to wait for.
    func stopIfIdle() {
        guard let context, case .reading = phase, !parser.isInsideRequest, input.readableBytes == 0 else { return }
        switch security {
        case .handshaking, .agreed:
            // Whoever has just shaken hands sends a request next.
            deadline = shared.deadline(.firstRequest)
            return
        case .plain, .used: break
        }
        phase = .closing
        context.close(promise: nil)
    }
}
