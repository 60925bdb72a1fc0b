// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import HeroCore
internal import HeroTLS
internal import NIOCore
internal import NIOPosix

/// What the connections of one event loop share.
///
/// Touched by that loop only.
final class WebLoopState {
    let loop: NIOWorkLoop
    let processor: ActionProcessor
    private var reader: WebRequestReader
    let files: FileFinder
    let fileOptions: FilePlan.Options
    let limits: HTTPRequestParser.Limits
    private let bodyLimits: BodyLimits
    private let uploads: UploadSpool
    /// `nil` for plain HTTP.
    let tls: TLSContext?
    let renderer: WebRenderer
    /// `nil` when nothing is to be packed.
    let compressor: ResponseCompressor?
    let configuration: WebConfiguration
    private let log: LogRouter
    let shortages: Shortages
    let fileNotFound: String
    private let fileLogLevel: LogLevel
    let clock: LoopClock
    /// Who waits until the process has started; `nil` since it has.
    var held: [ObjectIdentifier: RequestResponder]?
    /// The time of the last sweep: limits of seconds need no better clock, and reading one costs a request 25 ns.
    private var lastSweep: NIODeadline
    var output = OutputBuffer()
    private var random = BlockRandom()
    private var handlers: [ObjectIdentifier: any ServedConnection] = [:]
    private var sweep: RepeatedTask?
    private let slot: BoardSlot?
    private(set) var isStopping = false
    /// How long a stopping server leaves connections between two requests alone.
    private var idleEnd = NIODeadline.now()
    private var stopped: EventLoopPromise<Void>?
    private let proxies: TrustedProxies
    private var counts: ConnectionCounts
    private var memory = MemoryReturn()
    /// Connections that were closed since the last sweep because there are too many.
    private var turnedAway = 0

    init(_ settings: WebServerSettings, eventLoop: any EventLoop) {
        loop = NIOWorkLoop(eventLoop, slot: settings.slot)
        slot = settings.slot
        lastSweep = eventLoop.now
        processor = settings.processor
        reader = settings.makeReader()
        files = FileFinder(settings.files, settings.fileCacheLimits, on: eventLoop)
        fileOptions = settings.fileOptions
        renderer = settings.renderer
        compressor = settings.compression.map {
            ResponseCompressor($0, settings.compressionThreads, on: eventLoop)
        }
        configuration = settings.configuration
        log = settings.log
        shortages = settings.shortages
        fileNotFound = settings.fileNotFound
        fileLogLevel = settings.fileLogLevel
        tls = settings.tls
        let limits = settings.configuration.limits
        let bodyLimits = settings.configuration.bodyLimits
        self.bodyLimits = bodyLimits
        uploads = settings.uploads
        self.limits = HTTPRequestParser.Limits(
            requestLineBytes: limits.requestLine, headerCount: limits.headerCount, headerBytes: limits.headerSize,
            bodyBytes: bodyLimits.requestBytes, pipelinedBytes: limits.pipelinedBytes)
        proxies = settings.proxies
        counts = ConnectionCounts(limit: limits.connections, limitPerAddress: limits.connectionsPerAddress)
        clock = LoopClock(settings.configuration)
    }

    // MARK: Connections

    var connectionCount: Int { handlers.count }

    func add(_ handler: any ServedConnection) {
        handlers[ObjectIdentifier(handler)] = handler
        slot?.connections = handlers.count
        if sweep == nil {
            // Once a second is precise enough for limits of seconds, and costs nothing while nobody is connected.
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            lastSweep = loop.eventLoop.now
            sweep = loop.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                bound.value.closeOverdue()
            }
        }
    }

    func remove(_ handler: any ServedConnection) {
        handlers[ObjectIdentifier(handler)] = nil
        slot?.connections = handlers.count
        if handlers.isEmpty {
            // Otherwise the next sweep is the last one: it has something to report.
            if isStopping || turnedAway == 0 && shortages.areOver { endSweep() }
            memory.becameIdle()
            stopped?.succeed()
            stopped = nil
        }
    }

    private func endSweep() {
        sweep?.cancel()
        sweep = nil
    }

    private func closeOverdue() {
        let now = loop.eventLoop.now
        lastSweep = now
        reportTurnedAway()
        shortages.sweep()
        memory.sweep(now)
        if handlers.isEmpty, shortages.areOver { endSweep() }
        for handler in handlers.values {
            handler.sweep(now)
        }
    }

    private func reportTurnedAway() {
        guard turnedAway > 0 else { return }
        log.write(
            level: .warning, message: "connections were closed because there are too many",
            data: [("connections", .integer(turnedAway))])
        turnedAway = 0
    }

    /// Whether connections of trusted proxies begin with a header of the PROXY protocol.
    var takesProxyHeaders: Bool { configuration.proxyProtocol }

    /// Whether what the client says about other clients is believed.
    func trusts(_ remote: RemoteAddress) -> Bool { proxies.contains(remote.address, user: remote.user) }

    /// Whose process has connected.
    ///
    /// - Parameter socket: A connection.
    /// - Returns: `nil` when that does not count, or the system does not tell.
    func user(of socket: CInt) -> UInt32? {
        guard proxies.areUsersAsked else { return nil }
        let user = hero_peer_user(socket)
        return user < 0 ? nil : UInt32(truncatingIfNeeded: user)
    }

    /// Counts a new connection.
    ///
    /// - Returns: Whether it may stay.
    func open() -> Bool {
        let isOpen = counts.open()
        if !isOpen { turnedAway += 1 }
        return isOpen
    }

    /// Counts a connection for its client's address.
    ///
    /// - Returns: The address to give back when it closes; `nil` for one that is not counted.
    /// - Throws: ``TooManyConnections``.
    func attribute(_ remote: RemoteAddress) throws(TooManyConnections) -> IPAddress? {
        guard let address = remote.address, !trusts(remote) else { return nil }
        guard counts.attribute(to: address) else {
            turnedAway += 1
            throw TooManyConnections()
        }
        return address
    }

    func close(_ address: IPAddress?) {
        counts.close()
        if let address { counts.detach(from: address) }
    }

    /// Most requests of a connection, and how many are answered in a row.
    var requestLimits: (total: Int, inRow: Int) {
        (configuration.limits.requestsPerConnection, configuration.limits.pipelinedRequests)
    }

    /// How long a client may go on sending after the response to which it does not listen.
    static let longestLingering = TimeAmount.seconds(30)

    /// - Returns: `nil` where the configuration sets no limit.
    func deadline(_ kind: ConnectionDeadline.Kind) -> ConnectionDeadline? {
        if kind == .keepAlive, isStopping {
            // Nobody has told this client that the connection ends: its response began before the stop.
            return ConnectionDeadline(kind: kind, time: max(idleEnd, lastSweep + .seconds(2)))
        }
        let milliseconds =
            switch kind {
            case .handshake: configuration.timeouts.handshake
            case .firstRequest: 1000
            case .headers: configuration.timeouts.headers
            case .body: configuration.timeouts.body
            case .keepAlive: configuration.timeouts.keepAlive
            case .write: configuration.timeouts.write
            case .lingering: 2000
            }
        guard milliseconds > 0 else { return nil }
        // Up to a second has passed since the last sweep, which the connection is not to lose.
        return ConnectionDeadline(kind: kind, time: lastSweep + .milliseconds(Int64(milliseconds) + 1000))
    }

    /// Ends connections that wait for a request, at once or after a grace; the others end with their response.
    ///
    /// - Parameter limits: How long to wait.
    /// - Returns: Done when no connection is left.
    func stop(_ limits: DrainLimits) -> EventLoopFuture<Void> {
        isStopping = true
        refuseHeldRequests()
        for handler in handlers.values { handler.stopBegan() }
        idleEnd = .now() + .milliseconds(Int64(limits.idleMilliseconds))
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        if limits.idleMilliseconds == 0 {
            closeIdle()
        } else {
            loop.eventLoop.scheduleTask(in: .milliseconds(Int64(limits.idleMilliseconds))) { bound.value.closeIdle() }
        }
        if let total = limits.totalMilliseconds {
            loop.eventLoop.scheduleTask(in: .milliseconds(Int64(total))) { bound.value.closeAll() }
        }
        let promise = stopped ?? loop.eventLoop.makePromise()
        if handlers.isEmpty { promise.succeed() } else { stopped = promise }
        return promise.futureResult
    }

    private func closeIdle() {
        for handler in handlers.values { handler.stopIfIdle() }
    }

    /// Closes what is left, whatever it is doing.
    private func closeAll() {
        guard !handlers.isEmpty else { return }
        log.write(
            level: .warning, message: "connections were cut off because stopping took too long",
            data: [("connections", .integer(handlers.count))])
        for handler in handlers.values { handler.closeNow() }
    }

    // MARK: Requests

    /// - Parameters:
    ///   - head: The request's.
    ///   - onProgress: Called when something has changed: more can be taken, or the result is there.
    /// - Returns: The request, which takes its body from now on.
    /// - Throws: ``HTTPFault`` when the head says already that the body will not be taken.
    func beginBody(
        _ head: HTTPRequestHead, onProgress: @escaping () -> Void
    ) throws(HTTPFault) -> IncomingRequest {
        let reader = try RequestBodyReader(head, reader.plan(head), bodyLimits, uploads, loop.eventLoop)
        reader.onProgress = onProgress
        return IncomingRequest(head, reader, at: lastSweep)
    }

    /// Until when the next piece of a body has to come.
    ///
    /// Each byte buys time, so that a byte now and then does not keep a connection open for ever.
    ///
    /// - Returns: `nil` where the configuration sets no limit.
    func bodyDeadline(_ request: IncomingRequest) -> ConnectionDeadline? {
        guard let next = deadline(.body) else { return nil }
        let rate = configuration.limits.bodyRate
        guard rate > 0 else { return next }
        let earned = request.reader.receivedBytes.multipliedReportingOverflow(by: 1000)
        guard !earned.overflow else { return next }
        let allowed = configuration.timeouts.body + 1000 + earned.partialValue / rate
        return ConnectionDeadline(
            kind: .body, time: min(next.time, request.bodyBegan + .milliseconds(Int64(allowed))))
    }

    func makeExchange(
        _ head: HTTPRequestHead, _ body: ReceivedBody?, _ remote: RemoteAddress, isProxied: Bool, _ began: WallTime
    ) -> WebExchange {
        let forwarded = isProxied ? ForwardedRequest(head, configuration.proxyHeader, proxies) : nil
        let remote = forwarded?.client.map { RemoteAddress($0.address, port: $0.port) } ?? remote
        return WebExchange(
            head: head, target: RequestTarget(head), remote: remote, identity: identity(head),
            uuid: UUID4.random(using: &random), connectedAt: began,
            rawBody: body?.raw, files: body?.files, forwarded: forwarded, isSecure: tls != nil,
            offersCookie: configuration.fingerprintOptions.toSetCookie)
    }

    private func identity(_ head: HTTPRequestHead) -> ClientIdentity {
        let key = configuration.fingerprintOptions.cookieKey
        if let header = Cookies.header(of: head), let value = Cookies.value(key, in: header),
            ClientIdentity.isAcceptable(value)
        {
            return .known(value)
        }
        if head.fields.contains(where: { $0.name.count == key.utf8.count + 2 }),
            let value = head.value(named: "x-\(key)"), ClientIdentity.isAcceptable(value)
        {
            return .known(value)
        }
        return .fresh(Fingerprint.random(using: &random))
    }

    func read(_ exchange: WebExchange, body: ReceivedBody?) -> WebTask { reader.read(exchange, body: body) }

    /// A text that no file contains, except by chance.
    func boundary() -> String { UUID4.random(using: &random).text }

    // MARK: Log

    func logFile(_ found: StaticFileServer.Result, _ exchange: WebExchange) {
        guard log.isEnabled(fileLogLevel) else { return }
        let file = (try? found.get())?.plain.file
        let reason = if case .failure(.unreadable) = found { "{not readable now}" } else { "{not found}" }
        log.write(
            level: fileLogLevel, message: "[ file @ web ]",
            data: [
                ("to", .string(exchange.remote.ip)), ("file", .string(file?.path ?? reason)),
                ("requestedFile", .string(exchange.path)), ("size", .integer(file?.size ?? fileNotFound.utf8.count)),
                ("duration", .integer(WallTime.now.milliseconds - exchange.connectedAt.milliseconds)),
                ("success", .bool(file != nil)),
            ])
    }

    func logFileFault(_ number: CInt, _ exchange: WebExchange) {
        if let shortage = Shortage(errno: number) { return shortages.note(shortage) }
        log.write(
            level: .error, message: "a file cannot be read",
            data: [
                ("requestedFile", .string(exchange.path)),
                ("error", .string(String(describing: IOError(errnoCode: number, reason: "open")))),
            ])
    }

    func logTLSFailure(_ error: TLSError, _ remote: RemoteAddress) {
        log.write(
            level: .debug, message: "a TLS connection could not be made",
            data: [("from", .string(remote.ip)), ("error", .string(error.reason))])
    }

    /// A request that no action has seen, and that no other line tells of.
    func logRefusal(_ fault: HTTPFault, _ exchange: WebExchange) { logRefusal(fault, exchange.head, exchange.remote) }

    /// Without a head there was no request, and whoever only knocks at the port is of interest to few.
    func logRefusal(_ fault: HTTPFault, _ head: HTTPRequestHead?, _ remote: RemoteAddress) {
        let level = head == nil ? LogLevel.debug : .info
        guard log.isEnabled(level) else { return }
        var data: [(String, JSON)] = [
            ("from", .string(remote.ip)), ("status", .integer(fault.status)), ("error", .string(fault.reason)),
        ]
        if let head {
            data.append(("method", .string(head.string(head.method))))
            data.append(("pathname", .string(head.string(RequestTarget(head).path))))
        }
        log.write(level: level, message: "a request was refused", data: data)
    }

    func logStreamFailure(_ error: any Error, _ exchange: WebExchange) {
        if error is CancellationError { return }
        log.write(
            level: .error, message: "a streamed response failed",
            data: [("pathname", .string(exchange.path)), ("error", .string(String(describing: error)))])
    }
}
