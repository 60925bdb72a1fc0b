// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import NIOCore
internal import NIOPosix

/// Takes the body of one request piece by piece: unpacks it, and puts it where it belongs.
///
/// Used on one event loop, by whatever speaks to the client. Pieces are fed until the end, and held back while
/// ``isPaused``; `onProgress` says that something has changed. There is a ``result`` some time after the end.
final class RequestBodyReader {
    /// Bytes that are unpacked before other connections have their turn.
    private static let turnBytes = 524_288
    private static let pieceBytes = 65_536
    /// The rest of a refused body that is read so that the client reads the answer and the connection can stay.
    private static let forgivenBytes = 1_048_576
    /// Unpacked bytes to which the ratio does not apply.
    private static let freeInflatedBytes = 1_048_576
    /// Larger bodies are parsed on a thread, as a megabyte takes several milliseconds.
    static let parsedOnLoopBytes = 65_536

    private let plan: BodyPlan
    private let limits: BodyLimits
    private let limit: Int
    private let spool: UploadSpool
    private let eventLoop: any EventLoop
    private let inflater: Inflater?
    private let writer: UploadWriter?
    private var form: FormReader?
    private var input = ByteBuffer()
    private var collected = ByteBuffer()
    private var raw: ByteBuffer?
    /// Bytes of the body as they came, packed or not.
    private(set) var receivedBytes = 0
    private var unpackedBytes = 0
    private var refusedBytes = 0
    private var fault: HTTPFault?
    private var hasEnded = false
    private var waitsForTurn = false
    private var isWriteHeld = false
    private var isParsing = false

    /// Called on the loop, never inside of ``feed(_:)`` and ``end()``.
    var onProgress: () -> Void = {}
    /// Set some time after the end.
    private(set) var result: ReceivedBody?
    /// The request cannot be read to its end: it is to be answered, and the connection closed.
    private(set) var failure: HTTPFault?

    /// - Throws: ``HTTPFault`` when the head says already that the body is too large, or when a client that waits for
    ///   leave to send it need not.
    init(
        _ head: HTTPRequestHead, _ plan: BodyPlan, _ limits: BodyLimits, _ spool: UploadSpool,
        _ eventLoop: any EventLoop, _ turns: UploadTurns, _ client: UploadTurns.Client
    ) throws(HTTPFault) {
        self.plan = plan
        self.limits = limits
        self.spool = spool
        self.eventLoop = eventLoop
        limit = plan.isUpload && !plan.keepsRaw ? limits.form.requestBytes : limits.bodySize
        let coding = plan.isWanted ? ContentCoding(head) : .identity
        inflater = coding.inflater
        writer = plan.isUpload ? UploadWriter(spool, eventLoop, turns, client) : nil
        if plan.keepsRaw { raw = ByteBuffer() }
        if case .length(let length) = head.framing.body, length > limit { throw .bodyTooLarge }
        if case .unknown(let name) = coding { fault = ContentCoding.unknown(name) }
        if case .unreadable(let unreadable) = plan.kind, fault == nil { fault = unreadable }
        if let fault, plan.rejects, head.framing.expectsContinue { throw fault }
        makeForm()
        writer?.onProgress = { [weak self] in self?.writingMoved() }
    }

    private func makeForm() {
        guard let writer else { return }
        switch plan.kind {
        case .multipart(let boundary):
            let parser = MultipartParser(boundary: boundary, headerBytes: limits.form.maxPartHeaderSize)
            form = FormReader(parser, limits.form, writer, keepsFiles: plan.keepsFiles)
        case .file: form = FormReader(nil, limits.form, writer, keepsFiles: plan.keepsFiles)
        case .ignored, .opaque, .json, .form, .unreadable: break
        }
    }

    /// Whether the client has to wait: what has come is still being worked on.
    var isPaused: Bool { waitsForTurn || isWriteHeld }

    /// How much of the body is in memory.
    var heldBytes: Int {
        input.readableBytes + collected.readableBytes + (raw?.readableBytes ?? 0) + (writer?.pendingBytes ?? 0)
            + (form?.fieldsBytes ?? 0)
    }

    /// Whether a file may be open for it: it goes on whatever else waits for memory.
    var hasUploadTurn: Bool { writer?.hasTurn ?? false }

    // MARK: What comes

    /// - Throws: ``HTTPFault``; afterwards the reader must not be used again.
    func feed(_ bytes: ByteBuffer) throws(HTTPFault) {
        receivedBytes += bytes.readableBytes
        guard receivedBytes <= limit else { throw .bodyTooLarge }
        guard plan.isWanted else { return }
        if fault != nil { return try drop(bytes.readableBytes) }
        input.append(bytes)
        try pump()
    }

    /// The last piece has been fed.
    ///
    /// - Throws: ``HTTPFault``.
    func end() throws(HTTPFault) {
        hasEnded = true
        // What is whole needs no turn.
        if writer?.awaitsTurn == true { isWriteHeld = false }
        try pump()
    }

    private func drop(_ count: Int) throws(HTTPFault) {
        refusedBytes += count
        if let fault, plan.rejects, refusedBytes > Self.forgivenBytes { throw fault }
    }

    /// The body makes no sense or is too large in a way that does not keep it from being read.
    private func refuse(_ fault: HTTPFault) throws(HTTPFault) {
        self.fault = fault
        let rest = input.readableBytes
        (form, collected, input, isWriteHeld) = (nil, ByteBuffer(), ByteBuffer(), false)
        try drop(rest)
    }

    // MARK: What becomes of it

    private func pump() throws(HTTPFault) {
        var budget = Self.turnBytes
        while fault == nil, !isPaused {
            guard let piece = try nextPiece() else { break }
            unpackedBytes += piece.readableBytes
            budget -= piece.readableBytes
            try deliver(piece)
            if budget <= 0, inflater != nil { waitForTurn() }
        }
        try finishIfPossible()
    }

    private func nextPiece() throws(HTTPFault) -> ByteBuffer? {
        guard let inflater else {
            defer { input = ByteBuffer() }
            return input.readableBytes > 0 ? input : nil
        }
        let piece: ByteBuffer
        do throws(Inflater.Corrupt) {
            piece = try inflater.next(&input, limit: Self.pieceBytes)
        } catch {
            try refuse(.badRequest("the body cannot be unpacked"))
            return nil
        }
        guard piece.readableBytes > 0 else { return nil }
        let total = unpackedBytes + piece.readableBytes
        if total > limit { throw .bodyTooLarge }
        if total > Self.freeInflatedBytes, total / limits.inflateRatio > inflater.consumedBytes {
            throw .bodyTooLarge
        }
        return piece
    }

    private func deliver(_ piece: ByteBuffer) throws(HTTPFault) {
        raw?.writeImmutableBuffer(piece)
        switch plan.kind {
        case .ignored, .opaque, .unreadable: break
        case .json, .form:
            if collected.readableBytes == 0 { collected = piece } else { collected.writeImmutableBuffer(piece) }
        case .multipart, .file: try deliverToForm(piece)
        }
    }

    private func deliverToForm(_ piece: ByteBuffer) throws(HTTPFault) {
        var problem: HTTPFault?
        do throws(HTTPFault) {
            if case .file(let head) = plan.kind, unpackedBytes == piece.readableBytes { try form?.begin(head) }
            try form?.take(piece)
        } catch {
            problem = error
        }
        if let problem { return try refuse(problem) }
        if let writer { isWriteHeld = writer.awaitsTurn && !hasEnded || writer.pendingBytes > limits.uploadBuffer }
    }

    private func waitForTurn() {
        waitsForTurn = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            bound.value.waitsForTurn = false
            bound.value.goOn()
        }
    }

    private func writingMoved() {
        guard let writer, result == nil else { return }
        if !writer.awaitsTurn, writer.pendingBytes <= limits.uploadBuffer / 2 { isWriteHeld = false }
        goOn()
    }

    /// Something that was waited for has happened.
    private func goOn() {
        guard result == nil, failure == nil else { return }
        do throws(HTTPFault) {
            if let broken = writer?.failure, fault == nil { try refuse(broken) }
            try pump()
        } catch {
            failure = error
        }
        onProgress()
    }

    // MARK: The end

    private func finishIfPossible() throws(HTTPFault) {
        guard hasEnded, !isPaused, !isParsing, result == nil else { return }
        if fault == nil, let problem = lastProblem { try refuse(problem) }
        if let fault { return finish(.unreadable(fault)) }
        switch plan.kind {
        case .ignored: finish(.none)
        case .opaque, .unreadable: finish(.fields([:], files: [:]))
        case .json, .form: parse()
        case .multipart, .file: try finishForm()
        }
    }

    /// What only the end shows.
    private var lastProblem: HTTPFault? {
        if let inflater, !inflater.isComplete {
            return .badRequest("the body ends before what was packed does")
        }
        do throws(HTTPFault) {
            // Nothing at all is an empty form.
            if unpackedBytes > 0 { try form?.end() }
        } catch {
            return error
        }
        return nil
    }

    private func finishForm() throws(HTTPFault) {
        guard let form, let writer, writer.isIdle else { return }
        do throws(HTTPFault) {
            let fields = try form.fieldValues()
            finish(.fields(fields, files: form.fileValues()))
        } catch {
            finish(.unreadable(error))
        }
    }

    private func finish(_ content: ReceivedBody.Content) {
        var content = content
        if case .unreadable(let fault) = content, receivedBytes == 0, fault.status < 500 {
            // What is not there need not be understood.
            content = .fields([:], files: [:])
        }
        let isWhole = if case .unreadable = content { false } else { true }
        result = ReceivedBody(
            content: content, raw: raw.map { Array($0.readableBytesView) }, files: isWhole ? writer?.files : nil)
        (form, raw, collected) = (nil, nil, ByteBuffer())
    }

    private func parse() {
        let (bytes, plan, limits) = (collected, plan, limits)
        collected = ByteBuffer()
        guard bytes.readableBytes > Self.parsedOnLoopBytes else {
            return finish(BodyParsing.parse(bytes, plan.kind, limits))
        }
        isParsing = true
        let parse = BodyParsing(bytes: bytes, kind: plan.kind, limits: limits)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        spool.threadPool.runIfActive(eventLoop: eventLoop) { parse.run() }.whenComplete { result in
            bound.value.isParsing = false
            switch result {
            case .success(let content): bound.value.finish(content)
            // The process is stopping.
            case .failure: bound.value.failure = .timeout
            }
            bound.value.onProgress()
        }
    }
}
