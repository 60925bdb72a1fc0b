// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroSystem
internal import NIOCore

/// What becomes of a request on its way in: its head and body as they arrive, then who asks and for what.
///
/// Touched by one loop only.
final class RequestIntake {
    let limits: HTTPRequestParser.Limits
    /// Protocols with which clients may go on.
    let upgrades: [any UpgradeProtocol]
    private let configuration: WebConfiguration
    private var reader: WebRequestReader
    private let bodyLimits: BodyLimits
    private let uploads: UploadSpool
    private let proxies: TrustedProxies
    private let isSecure: Bool
    private let connections: ConnectionTable
    private let eventLoop: any EventLoop
    private let turns = UploadTurns()
    private var random = BlockRandom()

    init(_ settings: WebServerSettings, _ connections: ConnectionTable, _ eventLoop: any EventLoop) {
        upgrades = settings.upgrades
        configuration = settings.configuration
        reader = settings.makeReader()
        let limits = settings.configuration.limits
        bodyLimits = settings.configuration.bodyLimits
        self.limits = HTTPRequestParser.Limits(
            requestLineBytes: limits.requestLine, headerCount: limits.headerCount, headerBytes: limits.headerSize,
            bodyBytes: bodyLimits.requestBytes, pipelinedBytes: limits.pipelinedBytes)
        uploads = settings.uploads
        proxies = settings.proxies
        isSecure = settings.tls != nil
        self.connections = connections
        self.eventLoop = eventLoop
    }

    /// - Parameters:
    ///   - head: The request's.
    ///   - client: The uploads of the connection, where there may be several at a time.
    ///   - onProgress: Called when something has changed: more can be taken, or the result is there.
    /// - Returns: The request, which takes its body from now on.
    /// - Throws: ``HTTPFault`` when the head says already that the body will not be taken.
    func beginBody(
        _ head: HTTPRequestHead, of client: UploadTurns.Client = UploadTurns.Client(), onProgress: @escaping () -> Void
    ) throws(HTTPFault) -> IncomingRequest {
        let body = try RequestBodyReader(head, reader.plan(head), bodyLimits, uploads, eventLoop, turns, client)
        body.onProgress = onProgress
        return IncomingRequest(head, body, at: connections.lastSweep)
    }

    /// Until when the next piece of a body has to come.
    ///
    /// Each byte buys time, so that a byte now and then does not keep a connection open for ever.
    ///
    /// - Returns: `nil` where the configuration sets no limit.
    func bodyDeadline(_ request: IncomingRequest) -> ConnectionDeadline? {
        guard let next = connections.deadline(.body) else { return nil }
        let rate = configuration.limits.bodyRate
        guard rate > 0 else { return next }
        let earned = request.reader.receivedBytes.multipliedReportingOverflow(by: 1000)
        guard !earned.overflow else { return next }
        let allowed = configuration.timeouts.body + 1000 + earned.partialValue / rate
        return ConnectionDeadline(
            kind: .body, time: min(next.time, request.bodyBegan + .milliseconds(Int64(allowed))))
    }

    /// Takes a request that has arrived whole.
    ///
    /// - Parameters:
    ///   - head: The request's.
    ///   - body: What has become of its body; `nil` without one.
    ///   - peer: Who has sent it.
    ///   - began: When it began to arrive.
    /// - Returns: The request as actions see it, and what it asks for.
    func take(
        _ head: HTTPRequestHead, _ body: ReceivedBody?, from peer: ConnectionPeer, _ began: WallTime
    ) -> (exchange: WebExchange, task: WebTask) {
        let forwarded = peer.isProxied ? ForwardedRequest(head, configuration.proxyHeader, proxies) : nil
        let remote = forwarded?.client.map { RemoteAddress($0.address, port: $0.port) } ?? peer.remote
        let exchange = WebExchange(
            head: head, target: RequestTarget(head), remote: remote, identity: identity(head),
            uuid: UUID4.random(using: &random), connectedAt: began,
            rawBody: body?.raw, files: body?.files, forwarded: forwarded, isSecure: isSecure,
            offersCookie: configuration.fingerprintOptions.toSetCookie)
        return (exchange, reader.read(exchange, body: body))
    }

    /// What stands for the path of a request in the log that has been refused before anybody has looked where it leads.
    ///
    /// - Returns: The route when it has variables, which may be secrets; `nil` otherwise.
    func loggedPath(_ head: HTTPRequestHead) -> String? { reader.routeWithVariables(head) }

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
}
