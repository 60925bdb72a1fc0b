// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRuntime
internal import HeroSystem
internal import NIOCore

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
    private let upgrades: [any UpgradeProtocol]
    private var hasWarnedOfHost = false
    private var cache = RouteCache()
    private var fileNames = FileNameCache()

    init(
        _ configuration: WebConfiguration, router: Router, actions: ActionRegistry, directoryFileType: String,
        projectRoot: String, log: LogRouter,
        upgrades: [any UpgradeProtocol] = []
    ) {
        self.upgrades = upgrades
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

    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").map { PathPart.decoded(String($0)) }
    }

    /// Compares what is meant; the prefix is decoded already.
    private static func begins(_ segments: [String], with prefix: [String]) -> Bool {
        segments.count >= prefix.count
            && zip(segments, prefix).allSatisfy { PathPart.decoded($0).utf8.elementsEqual($1.utf8) }
    }

    /// Decides what is to become of the body that follows a head.
    func plan(_ head: HTTPRequestHead) -> BodyPlan {
        let (target, method) = (RequestTarget(head), head.routedMethod)
        var plan = BodyPlan(rejects: configuration.rejectUnreadableBodies)
        let (isAction, segments) = mode(target, head)
        guard isAction, method != "options" else { return plan }
        plan.keepsRaw = configuration.saveRawBody
        // As in the reference, where no body is looked at without a type.
        guard method != "get", method != "head", let type = head.value("content-type") else { return plan }
        plan.kind = BodyPlan.Kind(type, head, keepsRaw: plan.keepsRaw)
        plan.keepsFiles = plan.isUpload && router.match(method: method, segments: segments)?.route.action != nil
        return plan
    }

    /// - Returns: Whether a path leads to actions and not to files, and its parts behind what says so.
    private func mode(_ target: RequestTarget, _ head: HTTPRequestHead) -> (isAction: Bool, segments: [String]) {
        var segments = target.segments(head)
        if let prefix = actionPrefix, !prefix.isEmpty, Self.begins(segments, with: prefix) {
            segments.removeFirst(prefix.count)
            return (true, segments)
        }
        if let prefix = filePrefix, !prefix.isEmpty, Self.begins(segments, with: prefix) {
            segments.removeFirst(prefix.count)
            return (false, segments)
        }
        return (configuration.rootEndpointType == "api", segments)
    }

    /// - Parameters:
    ///   - exchange: The request; parsed body and matched route are noted there.
    ///   - body: What has become of the body; `nil` without one.
    /// - Returns: What to do with the request.
    mutating func read(_ exchange: WebExchange, body: ReceivedBody?) -> WebTask {
        let head = exchange.head
        if let question = health.question(exchange) { return .health(question) }
        switch allowedHosts.verdict(exchange) {
        case .served: break
        case .redirect(let location): return .redirect(to: location)
        case .refused: return .refuse(.misdirected, receivedParams: [:])
        case .untold(let host):
            warnOfUntoldHost(host)
            return .refuse(.misdirected, receivedParams: [:])
        }
        if head.framing.upgrade != .none, let task = upgrade(exchange) { return task }
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
        if let key, let known = fileNames.find(head.string(key)) {
            exchange.routePath = known.routePath
            return .file(known.name)
        }
        if head.withBytes(head.method, { ASCII.isExactly($0, "OPTIONS") }) { return .options }
        let (isAction, segments) = mode(exchange.target, head)
        return isAction
            ? readAction(exchange, segments, body, cacheKey: key) : readFile(exchange, segments, cacheKey: key)
    }

    /// - Returns: `nil` for a request that is answered all the same.
    private func upgrade(_ exchange: WebExchange) -> WebTask? {
        let wish = exchange.head.value("upgrade") ?? ""
        let request = UpgradeRequest(exchange: exchange)
        for name in wish.split(separator: ",") {
            let name = name.trimmingSpaces.lowercased()
            if let known = upgrades.first(where: { $0.token == name && $0.isMeant(by: request) }) {
                return .upgrade(known)
            }
        }
        // A request that demands it can be answered by nothing else.
        return exchange.head.framing.upgrade == .demanded ? .refuse(.unknownProtocol(wish), receivedParams: [:]) : nil
    }

    /// Sending the client to the right host could send it where it came from, for ever.
    private mutating func warnOfUntoldHost(_ host: String) {
        guard !hasWarnedOfHost else { return }
        hasWarnedOfHost = true
        log.write(
            level: .warning,
            message: "a trusted proxy asks for a host that is none of web.allowedRequestHosts and does not say what "
                + "the client has asked for: let it pass the header Host or X-Forwarded-Host on",
            data: [("host", .string(host))])
    }

    private mutating func readAction(
        _ exchange: WebExchange, _ segments: [String], _ body: ReceivedBody?, cacheKey: Range<Int>?
    ) -> WebTask {
        let head = exchange.head
        var params = JSON.Object()
        if let query = exchange.target.query {
            let parsed = head.withBytes(query) { queryParser.parse($0) }
            RequestParameters.add(parsed, to: &params)
        }
        let method = exchange.head.routedMethod
        var fault: HTTPFault?
        if method != "get", method != "head", head.range("content-type") != nil {
            let problem = readBody(exchange, body, &params)
            // The server's own troubles are not for an action to overlook.
            if let problem, configuration.rejectUnreadableBodies || problem.status >= 500 { fault = problem }
        }
        if method == "trace", configuration.trace {
            params["action"] = .null
            return .trace(receivedParams: params)
        }
        let action = route(exchange, method: method, segments, &params, cacheKey: cacheKey)
        // Before the body's fault is answered: the log has the route of either.
        let wrongMethod = action == nil ? methodFault(exchange, segments) : nil
        if let fault = fault ?? wrongMethod { return .refuse(fault, receivedParams: params) }
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
        exchange.follow(match.route, partCount: segments.count)
        if let cacheKey {
            let record = match.route.action.flatMap { actions.find($0) }
            let key = exchange.head.withBytes(cacheKey) { Array($0) }
            cache.remember(key, exchange.path, prefix: actionPrefix ?? [], match, record)
        }
        params["action"] = match.route.action.map { .string($0) } ?? .null
        for (name, value) in match.captures where value != nil { params[name] = value.map { .string($0) } }
        if let version = match.route.versionParameter, params["apiVersion"] == nil { params["apiVersion"] = version }
        return match.route.action
    }

    /// - Returns: `nil` where no method leads to an action.
    private func methodFault(_ exchange: WebExchange, _ segments: [String]) -> HTTPFault? {
        let allowed = router.allowedMethods(segments: segments)
        if allowed.isEmpty { return nil }
        if let route = otherRoute(segments, allowed) { exchange.follow(route, partCount: segments.count) }
        return .methodNotAllowed(
            exchange.method, allowed: allowed + ["OPTIONS"] + (configuration.trace ? ["TRACE"] : []))
    }

    /// The route of the path with another method: a variable there may be as secret in this request.
    private func otherRoute(_ segments: [String], _ allowed: [String]) -> RouteRecord? {
        let routes = allowed.compactMap { router.match(method: $0.lowercased(), segments: segments)?.route }
        return routes.first { !$0.variables.isEmpty } ?? routes.first
    }

    /// - Returns: The route of a request, or of the same path with another method, if it has variables.
    func routeWithVariables(_ head: HTTPRequestHead) -> String? {
        let (isAction, segments) = mode(RequestTarget(head), head)
        guard isAction else { return nil }
        let route =
            router.match(method: head.routedMethod, segments: segments)?.route
            ?? otherRoute(segments, router.allowedMethods(segments: segments))
        return route.flatMap { $0.variables.isEmpty ? nil : $0.path }
    }

    private func readBody(
        _ exchange: WebExchange, _ body: ReceivedBody?, _ params: inout JSON.Object
    ) -> HTTPFault? {
        exchange.body = [:]
        switch body?.content {
        case .json(let value):
            exchange.body = value
            RequestParameters.add(body: value, to: &params)
        case .fields(let fields, let files):
            exchange.body = .object(fields)
            RequestParameters.add(files, to: &params)
            RequestParameters.add(fields, to: &params)
        case .unreadable(let fault):
            log.write(level: .error, message: "error processing form: \(fault.reason)", data: [])
            return fault
        case .none?, nil: break
        }
        return nil
    }

    private mutating func readFile(_ exchange: WebExchange, _ segments: [String], cacheKey: Range<Int>?) -> WebTask {
        let match = router.directory(method: exchange.head.routedMethod, segments: segments)
        var path = segments.dropFirst(match?.route.segments.count ?? 0).joined(separator: "/")
        if path.isEmpty || exchange.target.endsWithSlash(exchange.head) {
            path += path.isEmpty ? directoryFileType : "/\(directoryFileType)"
        }
        let decoded = PercentEncoding.decode(path.utf8, plusIsSpace: false)
        var directory: String?
        if case .directory(let target)? = match?.route.target {
            exchange.routePath = match?.route.path
            directory = ProjectPath.absolute(target, in: projectRoot)
        }
        let name = FileName(decoded, in: directory)
        if let cacheKey {
            fileNames.remember(exchange.head.string(cacheKey), .init(name: name, routePath: exchange.routePath))
        }
        return .file(name)
    }
}
