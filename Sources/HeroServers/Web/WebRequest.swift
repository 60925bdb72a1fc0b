// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

/// What a request asks for.
enum WebTask: Sendable {
    case action(ActionRequest)
    /// - path: Below the public directories, percent-decoded; `nil` when it cannot be decoded.
    /// - directory: What a route leads to, in place of the public directories.
    case file(path: String?, directory: String? = nil)
    case health(HealthPaths.Question)
    case redirect(to: String)
    case options
    /// Echo what arrived.
    case trace(receivedParams: JSON.Object)
    /// The request has been read whole, so the answer is an error like any other.
    case refuse(HTTPFault, receivedParams: JSON.Object)
}

/// Reads a request the way the reference does: which mode, which parameters, which action.
struct WebRequestReader {
    private let configuration: WebConfiguration
    private let router: Router
    private let actions: ActionRegistry
    private let queryParser: QueryString
    private let actionPrefix: [String]?
    private let filePrefix: [String]?
    private let directoryFileType: String
    private let projectRoot: String
    private let health: HealthPaths
    private let allowedHosts: AllowedHosts
    private let log: LogRouter
    private var cache = RouteCache()

    init(
        _ configuration: WebConfiguration, router: Router, actions: ActionRegistry, directoryFileType: String,
        projectRoot: String, log: LogRouter
    ) {
        self.projectRoot = projectRoot
        health = HealthPaths(live: configuration.health.live, ready: configuration.health.ready)
        allowedHosts = AllowedHosts(configuration.allowedRequestHosts ?? [])
        self.configuration = configuration
        self.router = router
        self.actions = actions
        self.directoryFileType = directoryFileType
        self.log = log
        queryParser = QueryString(options: configuration.queryParseOptions)
        actionPrefix = configuration.urlPathForActions.map(Self.parts)
        filePrefix = configuration.urlPathForFiles.map(Self.parts)
    }

    private static func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }

    /// - Parameters:
    ///   - exchange: The request; parsed body and matched route are noted there.
    ///   - body: The bytes of the body.
    /// - Returns: What to do with the request.
    mutating func read(_ exchange: WebExchange, body: ByteBuffer?) -> WebTask {
        let head = exchange.head
        if let question = health.question(exchange) { return .health(question) }
        if let location = allowedHosts.redirect(exchange) { return .redirect(to: location) }
        // GET and HEAD bring parameters in the query only. In absolute-form a host of the client's choice stands between
        // method and path, which must not become part of the key.
        let isPlain =
            exchange.target.query == nil && (exchange.isHead || exchange.isGet)
            && exchange.target.path.lowerBound == head.method.upperBound + 1
        let key = isPlain ? head.method.lowerBound..<exchange.target.path.upperBound : nil
        if let key, let known = head.withBytes(key, { cache.find($0) }) {
            exchange.routePath = known.routePath
            return .action(
                ActionRequest(
                    connection: exchange, actionName: known.action, record: known.record, params: known.params,
                    messageID: .uuid(exchange.uuid)))
        }
        if head.withBytes(head.method, { ASCII.isEqual($0, to: "options") }) { return .options }
        var segments = exchange.target.segments(head)
        var isAction = configuration.rootEndpointType == "api"
        if let prefix = actionPrefix, !prefix.isEmpty, segments.starts(with: prefix) {
            isAction = true
            segments.removeFirst(prefix.count)
        } else if let prefix = filePrefix, !prefix.isEmpty, segments.starts(with: prefix) {
            isAction = false
            segments.removeFirst(prefix.count)
        }
        return isAction ? readAction(exchange, segments, body, cacheKey: key) : readFile(exchange, segments)
    }

    private mutating func readAction(
        _ exchange: WebExchange, _ segments: [String], _ body: ByteBuffer?, cacheKey: Range<Int>?
    ) -> WebTask {
        let head = exchange.head
        var params = JSON.Object()
        if let query = exchange.target.query {
            let parsed = head.withBytes(query) { queryParser.parse($0) }
            RequestParameters.add(parsed, to: &params)
        }
        let method = exchange.method.lowercased()
        var fault: HTTPFault?
        if method != "get", method != "head", let type = head.value("content-type") {
            do {
                try readBody(exchange, body, type, &params)
            } catch {
                fault = configuration.rejectUnreadableBodies ? error : nil
                log.write(level: .error, message: "error processing form: \(error.reason)", data: [])
            }
        }
        if method == "trace", configuration.trace {
            params["action"] = .null
            return .trace(receivedParams: params)
        }
        let action = route(exchange, method: method, segments, &params, cacheKey: cacheKey)
        if let fault { return .refuse(fault, receivedParams: params) }
        if action == nil, let fault = methodFault(exchange, segments) {
            return .refuse(fault, receivedParams: params)
        }
        return .action(
            ActionRequest(
                connection: exchange, actionName: action, params: params, messageID: .uuid(exchange.uuid)))
    }

    /// - Returns: The action that the route leads to; its variables have become parameters.
    private mutating func route(
        _ exchange: WebExchange, method: String, _ segments: [String], _ params: inout JSON.Object,
        cacheKey: Range<Int>?
    ) -> String? {
        // The reference ignores an action named in query or body; the position among the parameters is that of the
        // client's.
        params["action"] = .null
        guard let match = router.match(method: method, segments: segments) else { return nil }
        exchange.routePath = match.route.path
        if let cacheKey {
            let record = match.route.action.flatMap { actions.find($0) }
            let key = exchange.head.withBytes(cacheKey) { Array($0) }
            cache.remember(key, exchange.path, prefix: actionPrefix ?? [], match, record)
        }
        params["action"] = match.route.action.map { .string($0) } ?? .null
        for (name, value) in match.captures {
            if let decoded = PercentEncoding.decode(value.utf8, plusIsSpace: true) { params[name] = .string(decoded) }
        }
        if let version = match.route.apiVersion, params["apiVersion"] == nil { params["apiVersion"] = .string(version) }
        return match.route.action
    }

    /// - Returns: `nil` where no method leads to an action.
    private func methodFault(_ exchange: WebExchange, _ segments: [String]) -> HTTPFault? {
        let allowed = router.allowedMethods(segments: segments)
        if allowed.isEmpty { return nil }
        return .methodNotAllowed(
            exchange.method, allowed: allowed + ["OPTIONS"] + (configuration.trace ? ["TRACE"] : []))
    }

    private func readBody(
        _ exchange: WebExchange, _ body: ByteBuffer?, _ type: String, _ params: inout JSON.Object
    ) throws(HTTPFault) {
        let type = type.lowercased()
        let bytes = body ?? ByteBuffer()
        if type.contains("urlencoded") {
            let fields = RequestParameters.form(bytes.readableBytesView, limit: configuration.limits.formFields)
            exchange.body = .object(fields)
            RequestParameters.add(fields, to: &params)
        } else if type.contains("json") {
            guard bytes.readableBytes > 0 else {
                exchange.body = [:]
                return
            }
            let parsed = try parseJSON(bytes)
            exchange.body = parsed
            RequestParameters.add(body: parsed, to: &params)
        } else if bytes.readableBytes > 0, !configuration.saveRawBody {
            exchange.body = [:]
            throw HTTPFault(status: 415, reason: "a body of type \(type) cannot be read; send JSON or a form")
        } else {
            exchange.body = [:]
        }
    }

    private func parseJSON(_ bytes: ByteBuffer) throws(HTTPFault) -> JSON {
        do {
            return try bytes.withUnsafeReadableBytes { try JSON(parsing: $0) }
        } catch {
            throw .badRequest("the body is not valid JSON: \(error)")
        }
    }

    private func readFile(_ exchange: WebExchange, _ segments: [String]) -> WebTask {
        let match = router.directory(method: exchange.method.lowercased(), segments: segments)
        var path = segments.dropFirst(match?.route.segments.count ?? 0).joined(separator: "/")
        if path.isEmpty || exchange.target.endsWithSlash(exchange.head) {
            path += path.isEmpty ? directoryFileType : "/\(directoryFileType)"
        }
        let decoded = PercentEncoding.decode(path.utf8, plusIsSpace: false)
        guard case .directory(let directory)? = match?.route.target else { return .file(path: decoded) }
        exchange.routePath = match?.route.path
        return .file(path: decoded, directory: ProcessSetup.absolute(directory, in: projectRoot))
    }
}
