// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroTLS
internal import NIOCore
internal import NIOHTTP2

/// One client's connection in HTTP/2: frames in, requests to the streams, their responses out.
///
/// Stands behind a `NIOHTTP2Handler`, which encodes and decodes, knows in which state every stream is, keeps what does
/// not fit into the client's windows, and refuses what the standard forbids. Lives on one event loop.
final class HTTP2Connection: ChannelDuplexHandler, ServedConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = Never
    typealias OutboundOut = HTTP2Frame

    enum Phase {
        case open
        /// The client has been asked to send no more requests; its answer says which ones it had sent before.
        case leaving
        /// What has begun is finished, nothing else.
        case finishing
        case closed
    }

    let shared: WebLoop
    private(set) var peer: ConnectionPeer
    var phase = Phase.open
    var context: ChannelHandlerContext?
    var deadline: ConnectionDeadline?
    private(set) var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    private(set) var lastStream = HTTP2StreamID.rootStream
    private var requests = 0
    private var refusals = 0
    /// Requests that wait for their turn, because this connection has had many.
    private var waiting = CircularBuffer<HTTP2Stream>()
    private var requestsInRow = 0
    private var isGivingWay = false
    private var isReading = false
    private var needsFlush = false
    private var holdsRead = false
    /// The client will send nothing more; it may well listen.
    private(set) var inputHasEnded = false
    /// The client has been told so; what it sends from then on is not looked at.
    private(set) var hasFailed = false
    private var bodies: HTTP2BodyBudget
    private var output = HTTP2OutputBudget()
    let uploads = UploadTurns.Client()
    private var smallFrames = HTTP2FrameBudget()
    /// What the client takes of a new stream's response before it has to ask for more.
    private(set) var clientInitialWindow = 65_535
    var progress = WritingProgress()

    init(_ shared: WebLoop, _ peer: ConnectionPeer) {
        self.shared = shared
        self.peer = peer
        bodies = HTTP2BodyBudget(bytes: shared.intake.limits.bodyBytes)
    }

    /// - Returns: What must stand in front of this.
    func makeFrameHandler() -> NIOHTTP2Handler {
        NIOHTTP2Handler(
            mode: .server, frameDelegate: HTTP2SentFrames(self),
            connectionConfiguration: HTTP2Bounds.connection(
                shared.intake.limits, streams: shared.configuration.limits.concurrentStreams,
                upgrades: !shared.intake.upgrades.isEmpty),
            streamConfiguration: HTTP2Bounds.stream)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        shared.connections.add(self)
        shared.heldOutput.add(self)
        deadline = shared.connections.deadline(.keepAlive)
        let more = HTTP2Bounds.connectionWindowBytes - 65_535
        write(.rootStream, .windowUpdate(windowSizeIncrement: more))
        flush()
        if shared.connections.isStopping { leave() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        deadline = nil
        let all = streams.values
        (streams, output) = ([:], HTTP2OutputBudget())
        for stream in all { stream.closed() }
        waiting.removeAll()
        shared.connections.remove(self)
        shared.heldOutput.remove(self)
        peer.close(shared)
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOHTTP2Errors.StreamError {
            // Something of the response cannot be written.
            streams[error.streamID]?.reset(.internalError)
        } else if !(error is any NIOHTTP2Error) {
            context.close(promise: nil)
        }
        // Otherwise the client has been told already, by a reset of the stream or by GOAWAY: see wrote().
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let frame = unwrapInboundIn(data)
        if isClosed || hasFailed { return }
        switch frame.payload {
        case .headers(let headers): receive(headers, frame.streamID)
        case .data(let data): receive(data, frame.streamID)
        case .ping(let data, ack: true): if data == Self.leavingPing { leaveForGood() }
        case .goAway: leave()
        case .settings(.settings(let settings)): clientChanged(settings)
        case .ping, .priority, .rstStream, .settings, .pushPromise, .windowUpdate, .alternativeService, .origin: break
        }
    }

    private func receive(_ headers: HTTP2Frame.FramePayload.Headers, _ id: HTTP2StreamID) {
        if let stream = streams[id] {
            // Trailers; nobody asks for them.
            if headers.endStream { stream.bodyEnded() }
            return
        }
        guard streams.count < shared.configuration.limits.concurrentStreams else { return refuse(id) }
        if id > lastStream { lastStream = id }
        let stream = HTTP2Stream(id, self)
        streams[id] = stream
        deadline = nil
        stream.receive(headers)
    }

    /// NIOHTTP2Handler enforces the settings once the client has acknowledged them, which it may never do.
    private func refuse(_ id: HTTP2StreamID) {
        write(id, .rstStream(.refusedStream))
        refusals += 1
        if refusals > HTTP2Bounds.resets { fail(.enhanceYourCalm) }
    }

    private func receive(_ data: HTTP2Frame.FramePayload.Data, _ id: HTTP2StreamID) {
        // What a session has for a message may well be small, and is for the session to count.
        if data.data.readableBytes < HTTP2Bounds.smallFrameBytes, !data.endStream,
            streams[id]?.tunnel == nil, !smallFrames.take(shared.loop.eventLoop.now)
        {
            // Also those of a stream that has been refused: they cost as much.
            return beCalm()
        }
        guard let stream = streams[id] else { return }
        if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 { stream.receive(bytes) }
        if data.endStream { stream.bodyEnded() }
    }

    /// What a client like this has sent beyond is not even looked at.
    private func beCalm() {
        isReading = false
        fail(.enhanceYourCalm)
        flush()
        closeNow()
    }

    /// Says once what ends the connection; it is closed when that has left.
    private func fail(_ code: HTTP2ErrorCode) {
        guard !hasFailed else { return }
        hasFailed = true
        write(.rootStream, .goAway(lastStreamID: lastStream, errorCode: code, opaqueData: nil))
    }

    private func clientChanged(_ settings: HTTP2Settings) {
        guard let size = settings.last(where: { $0.parameter == .initialWindowSize })?.value else { return }
        let change = size - clientInitialWindow
        clientInitialWindow = size
        for stream in streams.values { stream.windowChanged(by: change) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        requestsInRow = 0
        flush()
        context.fireChannelReadComplete()
    }

    /// A client that sends requests but takes no answers is made to wait.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable, waiting.isEmpty { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readIfPossible()
        context.fireChannelWritabilityChanged()
    }

    private func readIfPossible() {
        guard holdsRead, let context, context.channel.isWritable, waiting.isEmpty else { return }
        holdsRead = false
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let closed as StreamClosedEvent: streamClosed(closed.streamID)
        case let window as NIOHTTP2WindowUpdatedEvent:
            if let size = window.inboundWindowSize { replenish(window.streamID, size) }
            if let size = window.outboundWindowSize { streams[window.streamID]?.windowChanged(to: size) }
        case let event as ChannelEvent where event == .inputClosed: inputEnded()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// What has been asked for is answered, as far as the client's windows allow.
    private func inputEnded() {
        inputHasEnded = true
        guard !isClosed else { return }
        phase = .finishing
        for stream in streams.values { stream.inputEnded() }
        if streams.isEmpty { closeAfterWriting() }
        flush()
    }

    private func streamClosed(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.closed()
        resumeBodies(bodies.remove(id))
        if streams.isEmpty { becameIdle() }
    }

    private func becameIdle() {
        switch phase {
        case .open: deadline = shared.connections.deadline(.keepAlive)
        case .leaving: deadline = shared.connections.deadline(.firstRequest)
        case .finishing: closeAfterWriting()
        case .closed: break
        }
    }

    // MARK: Windows for bodies

    /// The client may send as much again as has been taken.
    private func replenish(_ id: HTTP2StreamID, _ size: Int) {
        if id == .rootStream {
            let missing = HTTP2Bounds.connectionWindowBytes - size
            guard missing >= HTTP2Bounds.connectionWindowBytes / 2 else { return }
            return write(id, .windowUpdate(windowSizeIncrement: missing))
        }
        guard let stream = streams[id] else { return }
        stream.windowBytes = size
        resume(stream)
    }

    /// Lets the client send more of a body, unless it has to wait for others.
    func resume(_ stream: HTTP2Stream) {
        if stream.tunnel != nil || stream.hasUploadTurn || bodies.mayReceive(stream.id) { openWindow(stream) }
    }

    private func openWindow(_ stream: HTTP2Stream) {
        let missing = HTTP2Bounds.streamWindowBytes - stream.windowBytes
        guard stream.wantsBody, missing >= HTTP2Bounds.streamWindowBytes / 2 else { return }
        stream.windowBytes += missing
        write(stream.id, .windowUpdate(windowSizeIncrement: missing))
    }

    /// So many bytes of a body are in memory, until the request is answered or they have gone to the disk.
    func holds(_ count: Int, _ stream: HTTP2Stream) { resumeBodies(bodies.set(count, stream.id)) }

    /// The body is not in memory any more.
    func releases(_ stream: HTTP2Stream) { resumeBodies(bodies.remove(stream.id)) }

    private func resumeBodies(_ ids: [HTTP2StreamID]) {
        for id in ids {
            if let stream = streams[id] { openWindow(stream) }
        }
    }

    // MARK: Requests

    /// Answers a request that is complete, now or in its turn.
    func answer(_ stream: HTTP2Stream) {
        requests += 1
        requestsInRow += 1
        let limits = shared.connections.requestLimits
        if limits.total > 0, requests >= limits.total { leave() }
        guard waiting.isEmpty, requestsInRow <= limits.inRow, !isFull else {
            if waiting.isEmpty, !isFull { giveWay() }
            waiting.append(stream)
            return
        }
        stream.answer()
    }

    /// Lets other connections have their turn.
    private func giveWay() {
        guard !isGivingWay else { return }
        isGivingWay = true
        let bound = NIOLoopBound(self, eventLoop: shared.loop.eventLoop)
        shared.loop.eventLoop.execute { bound.value.goOn() }
    }

    private func goOn() {
        isGivingWay = false
        for _ in 0..<shared.connections.requestLimits.inRow {
            guard !isFull, let stream = waiting.popFirst() else { break }
            stream.answer()
        }
        if !waiting.isEmpty, !isFull { giveWay() }
        flush()
        readIfPossible()
    }

    /// Responses that could not be made to wait are too many: no further ones are begun.
    private var isFull: Bool { output.isFull || !output.mayRead && shared.heldOutput.isScarce }

    /// Called when there may be room for the responses of requests that wait.
    func answersWaiting() {
        if !waiting.isEmpty, !isFull { giveWay() }
    }

    // MARK: What is held for responses

    /// Whether more of a file may be read.
    var mayRead: Bool { output.mayRead }

    /// So many bytes more of responses wait, or fewer.
    func holdsOutput(_ change: Int) {
        switch output.change(by: change) {
        case .none: break
        case .room, .muchRoom:
            for stream in streams.values { stream.roomAppeared() }
            answersWaiting()
        }
    }

    /// - Returns: Whether the stream may have a file open now; otherwise its responder is told when it may.
    func takesFile(_ stream: HTTP2Stream) -> Bool { output.takesFile(stream) }

    func returnsFileTurn(_ stream: HTTP2Stream) {
        if let next = output.returnsFile(stream) { next.responder.openHeldFile() }
    }

    // MARK: Writing

    func write(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) {
        guard let context else { return }
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
        needsFlush = true
    }

    /// At the end of a turn of reading, otherwise at once.
    func flush() {
        guard needsFlush, !isReading, let context else { return }
        needsFlush = false
        context.flush()
    }

    /// A frame has left for the socket.
    func wrote(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let data):
            streams[frame.streamID]?.wrote(data.data.readableBytes, isEnd: data.endStream)
            holdsOutput(-data.data.readableBytes)
        case .goAway(_, let code, _) where code != .noError: failed()
        case .goAway, .headers, .ping, .priority, .rstStream, .settings, .pushPromise, .windowUpdate,
            .alternativeService, .origin:
            break
        }
    }

    /// The client has been told that the connection has failed (RFC 9113, 5.4.1).
    private func failed() {
        hasFailed = true
        let bound = NIOLoopBound(self, eventLoop: shared.loop.eventLoop)
        shared.loop.eventLoop.execute { bound.value.closeAfterWriting() }
    }
}

/// Tells a connection what leaves for its socket.
private struct HTTP2SentFrames: NIOHTTP2FrameDelegate {
    private weak let connection: HTTP2Connection?

    init(_ connection: HTTP2Connection) {
        self.connection = connection
    }

    func wroteFrame(_ frame: HTTP2Frame) { connection?.wrote(frame) }
}
