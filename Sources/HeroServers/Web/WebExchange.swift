// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem
internal import HeroTLS
internal import Synchronization

/// One HTTP request and what belongs to it: a connection of its own, as far as actions are concerned.
final class WebExchange: ConnectionHost, RequestHost {
    let head: HTTPRequestHead
    let target: RequestTarget
    let remote: RemoteAddress
    /// What a trusted proxy said; `nil` without one.
    let forwarded: ForwardedRequest?
    /// Whether the connection itself is encrypted.
    private let isSecure: Bool
    /// Where the fingerprint came from.
    let arrivedAs: ClientIdentity
    let uuid: UUID4
    let connectedAt: WallTime
    /// Whether the connection may be used again after this exchange.
    let keepsAlive: Bool
    let rawBody: [UInt8]?
    /// Keeps the uploads on the disk as long as anybody needs the request.
    private let requestFiles: RequestFiles?
    /// HEAD: the answer has no body.
    let isHead: Bool
    let isGet: Bool
    private let offersCookie: Bool
    let state = Mutex(State())
    let closing = Atomic<Bool>(false)
    private let isRenewed = Atomic<Bool>(false)

    struct State {
        var renewed: Fingerprint?
        var session: Session?
        var body: JSON?
        var routePath: String?
        /// Counted from the route's first part, and how many parts of the path stand before that.
        var variables: (of: [PathVariable], behind: Int) = ([], 0)
        var values: ConnectionValues?
        /// `nil` unless messages can be sent to the client now.
        var outbox: MessageOutbox?
        var isOver = false
    }

    init(
        head: HTTPRequestHead, target: RequestTarget, remote: RemoteAddress, identity: ClientIdentity, uuid: UUID4,
        connectedAt: WallTime, rawBody: [UInt8]?, files: RequestFiles? = nil, forwarded: ForwardedRequest? = nil,
        isSecure: Bool = false, offersCookie: Bool = true
    ) {
        self.offersCookie = offersCookie
        self.isSecure = isSecure
        self.head = head
        self.target = target
        self.remote = remote
        self.forwarded = forwarded
        arrivedAs = identity
        self.uuid = uuid
        self.connectedAt = connectedAt
        self.rawBody = rawBody
        requestFiles = files
        keepsAlive = head.framing.keepsAlive
        isGet = head.withBytes(head.method) { ASCII.isExactly($0, "GET") }
        isHead = head.withBytes(head.method) { ASCII.isExactly($0, "HEAD") }
    }

    // MARK: Connection

    var id: String { "\(arrivedAs.text)-\(uuid.text)" }
    var fingerprint: String { identity.text }

    /// What the client is to be known by from now on.
    var identity: ClientIdentity {
        guard isRenewed.load(ordering: .acquiring), let renewed = state.withLock({ $0.renewed }) else {
            return arrivedAs
        }
        return .fresh(renewed)
    }

    func renewFingerprint() -> Bool {
        guard offersCookie else { return false }
        var random = BlockRandom()
        let fingerprint = Fingerprint.random(using: &random)
        state.withLock { $0.renewed = fingerprint }
        isRenewed.store(true, ordering: .releasing)
        return true
    }
    var type: String { "web" }
    var remoteIP: String { remote.ip }
    var remotePort: Int { remote.port }
    var clientCertificate: ClientCertificate? { remote.certificate }
    var connectedAtMilliseconds: Int { connectedAt.milliseconds }
    var requestHost: (any RequestHost)? { self }

    var session: Session {
        state.withLock { state in
            if let session = state.session { return session }
            let session = Session()
            state.session = session
            return session
        }
    }

    // MARK: Request

    var method: String { head.string(head.method) }
    var path: String { head.string(target.path) }
    var queryString: String { target.query.map(head.string) ?? "" }
    var headers: [(name: String, value: String)] { head.headers }
    func header(_ name: String) -> String? { head.value(named: name) }
    var scheme: String { forwarded?.scheme ?? (isSecure ? "https" : "http") }
    var host: String? { forwarded?.host ?? target.authority.map(head.string) ?? head.value("host") }
    var files: [UploadedFile] { requestFiles?.uploads ?? [] }
    var fileExtension: String? { target.fileExtension(head) }

    var cookies: [String: String] {
        var cookies: [String: String] = [:]
        for (name, value) in Cookies.parse(Cookies.header(of: head) ?? "") where cookies[name] == nil {
            cookies[name] = value
        }
        return cookies
    }

    func cookie(_ name: String) -> String? {
        Cookies.parse(Cookies.header(of: head) ?? "").first { $0.name.isSame(as: name) }?.value
    }

    var body: JSON? {
        get { state.withLock { $0.body } }
        set { state.withLock { $0.body = newValue } }
    }

    var routePath: String? {
        get { state.withLock { $0.routePath } }
        set { state.withLock { $0.routePath = newValue } }
    }

    var pathVariables: [PathVariable] {
        let variables = state.withLock { $0.variables }
        return variables.of.map {
            PathVariable(name: $0.name, position: $0.position + variables.behind, takesRest: $0.takesRest)
        }
    }

    /// - Parameters:
    ///   - route: That the path fits.
    ///   - partCount: How many parts of the path were compared with it; those before them say that it leads to actions.
    func follow(_ route: RouteRecord, partCount: Int) {
        let behind = route.variables.isEmpty ? 0 : target.segments(head).count - partCount
        state.withLock { state in
            state.routePath = route.path
            state.variables = (route.variables, behind)
        }
    }
}
