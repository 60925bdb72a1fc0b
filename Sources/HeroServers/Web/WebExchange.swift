// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem
internal import HeroTLS
internal import NIOCore
internal import Synchronization

/// The client's end of a TCP connection.
final class RemoteAddress: Sendable {
    /// `nil` for a client of a Unix socket.
    let address: IPAddress?
    let ip: String
    let port: Int
    /// Whose process is at the other end of a Unix socket; `nil` unless that counts.
    let user: UInt32?
    /// What the client has identified itself with.
    let certificate: ClientCertificate?

    init(_ address: SocketAddress?, user: UInt32? = nil) {
        certificate = nil
        self.user = user
        let text = address?.ipAddress ?? "0.0.0.0"
        // An IPv4 client of a socket that speaks both shows up as an IPv6 address.
        ip = text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
        port = address?.port ?? 0
        self.address = address?.ipAddress.flatMap { IPAddress($0) }
    }

    init(_ address: IPAddress, port: Int) {
        certificate = nil
        user = nil
        self.address = address
        ip = address.text
        self.port = port
    }

    private init(_ other: RemoteAddress, _ certificate: ClientCertificate) {
        self.certificate = certificate
        (address, ip, port, user) = (other.address, other.ip, other.port, other.user)
    }

    /// The same client, whose certificate is known now.
    func identified(by certificate: TLSPeerCertificate?) -> RemoteAddress {
        guard let certificate else { return self }
        return RemoteAddress(
            self,
            ClientCertificate(
                subject: certificate.subject, issuer: certificate.issuer, serialNumber: certificate.serialNumber,
                fingerprint: certificate.fingerprint))
    }
}

/// Where the fingerprint of a client comes from.
enum ClientIdentity: Sendable {
    /// The session cookie or header, as the client sent it.
    case known(String)
    /// Made for this request; the client is asked to keep it.
    case fresh(Fingerprint)

    /// Longest value that is taken from a client, in bytes: applications use it in keys and log it.
    private static let longestValue = 128

    /// Whether a client's own value is taken; otherwise it gets one.
    ///
    /// Letters, digits, and what the usual ways to write bytes as text add to them.
    static func isAcceptable(_ value: String) -> Bool {
        (1...longestValue).contains(value.utf8.count)
            && value.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~%+/=:".utf8.contains(byte)
                }
            }
    }

    var text: String {
        switch self {
        case .known(let text): text
        case .fresh(let fingerprint): fingerprint.text
        }
    }
}

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
        var values: JSON.Object?
        /// There while messages can be sent.
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

/// The header `Cookie`: a value may hold equals signs, as base 64 and tokens do.
enum Cookies {
    static func parse(_ header: String) -> [(name: String, value: String)] {
        // By bytes: what ends a name or a value is no other character when an accent follows.
        header.utf8.split(separator: UInt8(ascii: ";")).compactMap { part -> (name: String, value: String)? in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = part[..<equals].drop { $0 == UInt8(ascii: " ") }
            return (String(Substring(name)), String(Substring(part[part.index(after: equals)...])))
        }
    }

    /// All headers of that name as one: proxies that speak HTTP/2 with the client may pass each cookie on by itself.
    static func header(of head: HTTPRequestHead) -> String? {
        var header: String?
        // The length of the name rules out nearly every header with one comparison.
        for field in head.fields where field.name.count == 6 {
            guard head.withBytes(field.name, { ASCII.isEqual($0, to: "cookie") }) else { continue }
            let value = head.string(field.value)
            header = header.map { "\($0); \(value)" } ?? value
        }
        return header
    }

    static func value(_ name: String, in header: String) -> String? {
        parse(header).first { $0.name.isSame(as: name) }?.value
    }
}
