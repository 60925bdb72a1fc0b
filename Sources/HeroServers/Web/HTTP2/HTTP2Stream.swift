// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// One request of an HTTP/2 connection, and its response.
final class HTTP2Stream {
    private enum Phase {
        /// The body is arriving.
        case receiving(IncomingRequest)
        /// Complete; answered now or in its turn.
        case answering(HTTPRequestHead, ReceivedBody?, began: WallTime)
        /// The response is on its way.
        case sending
        case closed
    }

    let id: HTTP2StreamID
    let shared: WebLoop
    /// `nil` once the stream is closed.
    private(set) var connection: HTTP2Connection?
    private var phase = Phase.sending
    let responder: RequestResponder
    /// Whether the client has sent all of the request.
    private var hasEnded = false
    /// Whether all of the response has been written.
    private(set) var isAnswered = false
    private var deadline: ConnectionDeadline?
    /// What the client may send without having been asked for more.
    var windowBytes = HTTP2Bounds.streamWindowBytes
    /// Bytes of the response that wait for the client's window or for the socket.
    private(set) var waitingBytes = 0
    private var hasMoved = false
    /// When the client has last taken something, or could have.
    private(set) var movedAt = NIODeadline.uptimeNanoseconds(0)
    /// What has been counted for this stream.
    private(set) var held = HTTP2HeldOutput.Share()
    var piece = HTTP2Piece()
    var file: HTTP2FileSender?
    /// What the client takes of this response before it has to ask for more; what waits here counts as not taken.
    private(set) var clientWindow: Int
    /// Counted among those of the connection that may have a file open.
    var hasFileTurn = false
    /// `nil` until the client has asked to go on with another protocol.
    private(set) var tunnel: HTTP2Tunnel?

    init(_ id: HTTP2StreamID, _ connection: HTTP2Connection) {
        self.id = id
        self.connection = connection
        shared = connection.shared
        clientWindow = connection.clientInitialWindow
        responder = RequestResponder(connection.shared)
        responder.open(self)
    }

    /// The client has gone, has reset the stream, or has its response.
    func closed() {
        phase = .closed
        deadline = nil
        responder.abandon()
        tunnel?.closed()
        file?.cancel()
        file = nil
        connection?.holdsOutput(-waitingBytes)
        waitingBytes = 0
        piece.drop()
        holdsChanged()
        connection?.returnsFileTurn(self)
        connection = nil
    }

    // MARK: The request

    func receive(_ headers: HTTP2Frame.FramePayload.Headers) {
        hasEnded = headers.endStream
        do throws(HTTP2RequestHead.Malformed) {
            switch try HTTP2RequestHead.read(headers.headers, hasBody: !headers.endStream, shared.intake.limits) {
            case .success(let head): begin(head)
            case .failure(let fault): refuse(fault)
            }
        } catch {
            reset(.protocolError)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        guard let connection else { return }
        if head.framing.upgrade == .demanded {
            let tunnel = HTTP2Tunnel()
            self.tunnel = tunnel
            if hasEnded { tunnel.inputEnded() }
            return complete(head, nil, began: .now)
        }
        guard !hasEnded else { return complete(head, nil, began: .now) }
        do throws(HTTPFault) {
            let request = try shared.intake.beginBody(head, of: connection.uploads) { [weak self] in self?.bodyMoved() }
            phase = .receiving(request)
            deadline = shared.intake.bodyDeadline(request)
        } catch {
            return refuse(error, head)
        }
        if head.framing.expectsContinue {
            connection.write(id, .headers(.init(headers: [":status": "100"])))
            connection.flush()
        }
    }

    /// Whether more of the body may come and is wanted now.
    var wantsBody: Bool {
        if let tunnel { return !hasEnded && tunnel.wantsMore }
        if case .receiving(let request) = phase { return !hasEnded && !request.reader.isPaused }
        return false
    }

    /// Whether its body is on its way to a file, and does not wait for those that are in memory.
    var hasUploadTurn: Bool {
        if case .receiving(let request) = phase { return request.reader.hasUploadTurn }
        return false
    }

    func receive(_ bytes: ByteBuffer) {
        if let tunnel { return tunnel.receive(bytes) }
        guard case .receiving(let request) = phase else { return }
        do throws(HTTPFault) {
            try request.reader.feed(bytes)
        } catch {
            return refuse(error)
        }
        connection?.holds(request.reader.heldBytes, self)
        // The client is not to blame for what happens while it waits.
        deadline = request.reader.isPaused ? nil : shared.intake.bodyDeadline(request)
    }

    func bodyEnded() {
        hasEnded = true
        tunnel?.inputEnded()
        guard case .receiving(let request) = phase else { return }
        request.hasEnded = true
        deadline = nil
        do throws(HTTPFault) {
            try request.reader.end()
        } catch {
            return refuse(error)
        }
        completeIfRead(request)
    }

    /// The client will send nothing more on any stream.
    func inputEnded() {
        guard !hasEnded else { return }
        if case .receiving = phase { return refuse(.cutShort) }
        tunnel?.inputEnded()
        if isAnswered, waitingBytes == 0 { reset(.noError) }
    }

    /// Something has become of the body meanwhile.
    private func bodyMoved() {
        guard case .receiving(let request) = phase else { return }
        if let fault = request.reader.failure {
            refuse(fault)
        } else if request.hasEnded {
            completeIfRead(request)
        } else {
            connection?.holds(request.reader.heldBytes, self)
            guard !request.reader.isPaused else { return }
            if deadline == nil { deadline = shared.intake.bodyDeadline(request) }
            connection?.resume(self)
        }
        connection?.flush()
    }

    private func completeIfRead(_ request: IncomingRequest) {
        guard let body = request.reader.result else { return }
        complete(request.head, body, began: request.began)
    }

    private func complete(_ head: HTTPRequestHead, _ body: ReceivedBody?, began: WallTime) {
        phase = .answering(head, body, began: began)
        deadline = nil
        connection?.answer(self)
    }

    /// Has the request answered.
    func answer() {
        guard case .answering(let head, let body, let began) = phase, let connection else { return }
        phase = .sending
        responder.answer(shared.intake.take(head, body, from: connection.peer, began))
        connection.releases(self)
    }

    /// Answers without having read the request to its end; the others of the connection are not affected.
    private func refuse(_ fault: HTTPFault, _ head: HTTPRequestHead? = nil) {
        var head = head
        if case .receiving(let request) = phase { head = request.head }
        if let peer = connection?.peer {
            shared.log.refusal(fault, head, peer.remote, path: head.flatMap(shared.intake.loggedPath))
        }
        phase = .sending
        connection?.releases(self)
        respond(shared.responses.renderFault(fault, head), nil)
    }

    func reset(_ code: HTTP2ErrorCode) {
        // Writing it closes the stream, which parts it from its connection.
        guard let connection else { return }
        connection.write(id, .rstStream(code))
        connection.flush()
    }

    // MARK: The response

    func respond(_ response: WebResponse, _ exchange: WebExchange?) {
        guard case .bytes(let bytes) = response.body, response.hasBody, !bytes.isEmpty else {
            return begin(response, exchange, isEnd: true)
        }
        begin(response, exchange, isEnd: false)
        write(ByteBuffer(bytes: bytes), isEnd: true)
    }

    /// Writes the head.
    func begin(_ response: WebResponse, _ exchange: WebExchange?, isEnd: Bool) {
        guard let connection else { return }
        isAnswered = isEnd
        let headers = shared.responses.writeHTTP2(response, exchange)
        connection.write(id, .headers(.init(headers: headers, endStream: isEnd)))
        // What HTTP/1.1 does to the connection: nothing more is wanted from this client.
        if exchange?.mustClose == true { connection.leave() }
        if isEnd { ended() }
        connection.flush()
    }

    func write(_ bytes: ByteBuffer, isEnd: Bool) {
        guard let connection, !isAnswered else { return }
        isAnswered = isEnd
        if waitingBytes == 0 { awaitClient() }
        waitingBytes += bytes.readableBytes
        connection.holdsOutput(bytes.readableBytes)
        holdsChanged()
        connection.write(id, .data(.init(data: .byteBuffer(bytes), endStream: isEnd)))
        connection.flush()
    }

    func awaitClient() {
        hasMoved = false
        movedAt = shared.loop.eventLoop.now
        deadline = shared.connections.deadline(.write)
    }

    /// Counts what this response holds among all of the event loop.
    func holdsChanged() {
        let before = held
        held = HTTP2HeldOutput.Share(bytes: waitingBytes, pieceBytes: piece.heldBytes)
        shared.heldOutput.change(from: before, to: held)
    }

    /// Whether the client takes the response faster than it is made.
    var keepsUp: Bool { waitingBytes < shared.configuration.limits.sendBuffer }

    /// How much of a file is to be read now: what does not leave at once is not worth memory.
    var roomForFile: Int { connection?.mayRead == true ? clientWindow - waitingBytes : 0 }

    /// The client takes more, or with other settings less.
    func windowChanged(to bytes: Int) {
        clientWindow = bytes
        roomAppeared()
    }

    func windowChanged(by bytes: Int) { windowChanged(to: clientWindow + bytes) }

    /// A part of the response has left for the socket.
    func wrote(_ count: Int, isEnd: Bool) {
        waitingBytes -= count
        clientWindow -= count
        hasMoved = true
        holdsChanged()
        if waitingBytes > 0 { movedAt = shared.loop.eventLoop.now } else { allHasLeft() }
        if isEnd { return ended() }
        sendPiece()
        guard piece.rest.isEmpty else { return }
        guard waitingBytes <= shared.configuration.limits.sendBuffer / 2 else { return }
        responder.canWrite()
        tunnel?.canWrite()
        file?.canWrite()
    }

    /// Nothing waits for the client, unless its window is closed for what would come next.
    private func allHasLeft() {
        if isAnswered || file == nil && piece.rest.isEmpty { deadline = nil } else { awaitClient() }
    }

    /// The response is complete; if the request is not, its rest is not wanted (RFC 9113, 8.1).
    ///
    /// The client gets a moment to find that out by itself: some take a reset for a failure and lose the response.
    private func ended() {
        guard !hasEnded else { return }
        if connection?.inputHasEnded == true {
            reset(.noError)
        } else {
            deadline = shared.connections.deadline(.lingering)
        }
    }

    // MARK: Time

    func stopBegan() {
        responder.endWithProcess()
        tunnel?.stopBegan()
    }

    func sweep(_ now: NIODeadline) {
        tunnel?.sweep(now)
        guard let deadline, deadline.time <= now else { return }
        self.deadline = nil
        switch deadline.kind {
        case .body:
            if case .receiving = phase { refuse(.timeout) }
        case .write where hasMoved: awaitClient()
        case .write:
            // Nothing leaves at all when not even the socket takes it.
            if connection?.context?.channel.isWritable == false { connection?.closeNow() } else { reset(.cancel) }
        case .lingering: reset(.noError)
        case .handshake, .firstRequest, .headers, .keepAlive: break
        }
    }
}
