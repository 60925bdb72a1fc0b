// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRuntime
internal import HeroSystem
internal import HeroTLS
internal import NIOCore

/// The lines of the web server about single requests and connections.
struct WebLog {
    private let log: LogRouter
    private let shortages: Shortages
    private let fileNotFound: String
    private let fileLevel: LogLevel

    init(_ settings: WebServerSettings) {
        log = settings.log
        shortages = settings.shortages
        fileNotFound = settings.fileNotFound
        fileLevel = settings.fileLogLevel
    }

    func file(_ found: StaticFileServer.Result, _ exchange: WebExchange) {
        guard log.isEnabled(fileLevel) else { return }
        let file = (try? found.get())?.plain.file
        let reason = if case .failure(.unreadable) = found { "{not readable now}" } else { "{not found}" }
        log.write(
            level: fileLevel, message: "[ file @ web ]",
            data: [
                ("to", .string(exchange.remote.ip)), ("file", .string(file?.path ?? reason)),
                ("requestedFile", .string(exchange.path)), ("size", .integer(file?.size ?? fileNotFound.utf8.count)),
                ("duration", .integer(WallTime.now.milliseconds - exchange.connectedAt.milliseconds)),
                ("success", .bool(file != nil)),
            ])
    }

    func fileFault(_ number: CInt, _ exchange: WebExchange) {
        if let shortage = Shortage(errno: number) { return shortages.note(shortage) }
        log.write(
            level: .error, message: "a file cannot be read",
            data: [
                ("requestedFile", .string(exchange.path)),
                ("error", .string(String(describing: IOError(errnoCode: number, reason: "open")))),
            ])
    }

    func tlsFailure(_ error: TLSError, _ remote: RemoteAddress) {
        log.write(
            level: .debug, message: "a TLS connection could not be made",
            data: [("from", .string(remote.ip)), ("error", .string(error.reason))])
    }

    /// A request that no action has seen, and that no other line tells of.
    ///
    /// - Parameters:
    ///   - fault: Why.
    ///   - exchange: The request.
    ///   - unrouted: What stands for its path where nobody has looked where it leads.
    func refusal(_ fault: HTTPFault, _ exchange: WebExchange, unrouted: @autoclosure () -> String?) {
        refusal(
            fault, exchange.head, exchange.remote,
            path: exchange.routePath == nil ? unrouted() : Self.path(exchange))
    }

    /// A variable of a route may be a secret, which only the action's inputs can tell: where no action has been asked, the
    /// route stands for the path.
    private static func path(_ exchange: WebExchange) -> String {
        guard let route = exchange.routePath, route.utf8.contains(UInt8(ascii: ":")) else { return exchange.path }
        return route
    }

    /// Without a head there was no request, and whoever only knocks at the port is of interest to few.
    ///
    /// - Parameters:
    ///   - fault: Why.
    ///   - head: The request's.
    ///   - remote: Who sent it.
    ///   - path: What stands for the path; `nil` when it says nothing that others must not read.
    func refusal(
        _ fault: HTTPFault, _ head: HTTPRequestHead?, _ remote: RemoteAddress, path: @autoclosure () -> String?
    ) {
        let level = head == nil ? LogLevel.debug : .info
        guard log.isEnabled(level) else { return }
        var data: [(String, JSON)] = [
            ("from", .string(remote.ip)), ("status", .integer(fault.status)), ("error", .string(fault.reason)),
        ]
        if let head {
            data.append(("method", .string(head.string(head.method))))
            data.append(("pathname", .string(path() ?? head.string(RequestTarget(head).path))))
        }
        log.write(level: level, message: "a request was refused", data: data)
    }

    func streamFailure(_ error: any Error, _ exchange: WebExchange) {
        if error is CancellationError { return }
        log.write(
            level: .error, message: "a streamed response failed",
            data: [("pathname", .string(Self.path(exchange))), ("error", .string(String(describing: error)))])
    }
}
