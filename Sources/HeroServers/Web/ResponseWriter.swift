// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem
internal import NIOCore
internal import NIOHPACK

/// What requests are answered with, and how that goes on the wire.
///
/// Touched by one loop only.
final class ResponseWriter {
    private let configuration: WebConfiguration
    private let renderer: WebRenderer
    private let readiness: Readiness
    let fileOptions: FilePlan.Options
    let fileNotFound: String
    let log: WebLog
    let clock: LoopClock
    private var output = OutputBuffer()
    private var random = BlockRandom()

    init(_ settings: WebServerSettings, _ log: WebLog) {
        configuration = settings.configuration
        renderer = settings.renderer
        readiness = settings.processor.application.readiness
        fileOptions = settings.fileOptions
        fileNotFound = settings.fileNotFound
        self.log = log
        clock = LoopClock(settings.configuration)
    }

    func render(
        _ call: ActionCall, _ outcome: (response: ResponseState, result: ActionCall.Result?), _ exchange: WebExchange
    ) -> WebResponse {
        let now = WallTime.now
        clock.update(now)
        return renderer.render(
            outcome, params: call.request.params, exchange, now: now,
            matchesExtension: call.record?.matchExtensionMimeType ?? false)
    }

    /// - Parameters:
    ///   - fault: What is wrong.
    ///   - head: The request's; `nil` when not even that could be read.
    /// - Returns: The last response of the connection or stream.
    func renderFault(_ fault: HTTPFault, _ head: HTTPRequestHead?) -> WebResponse {
        clock.update(.now)
        var response = WebRenderer.fault(fault)
        if let head { response.headers += renderer.head.permission(head) }
        return response
    }

    /// A request that was read whole but cannot be handled: the connection stays usable.
    func renderRefusal(_ fault: HTTPFault, _ exchange: WebExchange, _ params: JSON.Object) -> WebResponse {
        let now = WallTime.now
        clock.update(now)
        var state = ResponseState()
        state.status = fault.status
        state.data = ["error": .string(fault.reason)]
        state.headers = fault.headers
        return renderer.render((state, nil), params: params, exchange, now: now)
    }

    func renderOptions() -> WebResponse {
        clock.update(.now)
        let headers = configuration.httpHeaders
        // What the configuration removes is not there either: without these a browser asks in vain.
        func isConfigured(_ name: String) -> Bool {
            headers.contains { $0.name.lowercased() == name && !($0.value.stringValue ?? "").isEmpty }
        }
        var response = WebResponse()
        if !isConfigured("access-control-allow-methods") {
            response.headers.append(
                ("access-control-allow-methods", "HEAD, GET, POST, PATCH, PUT, DELETE, OPTIONS, TRACE"))
        }
        if !isConfigured("access-control-allow-origin"), !renderer.head.crossOrigin.isSelective {
            response.headers.append(("access-control-allow-origin", "*"))
        }
        if let seconds = renderer.head.crossOrigin.maxAgeSeconds {
            response.lateHeaders.append(("access-control-max-age", String(seconds)))
        }
        return response
    }

    func renderRedirect(to location: String, _ exchange: WebExchange) -> WebResponse {
        clock.update(.now)
        return WebRenderer.redirect(to: location, exchange)
    }

    func renderHealth(
        _ question: HealthPaths.Question, _ exchange: WebExchange, isStarting: Bool, isStopping: Bool
    ) -> WebResponse {
        clock.update(.now)
        return WebRenderer.health(
            HealthPaths.answer(
                question, isStarting: isStarting, isStopping: isStopping, problem: readiness.reason),
            exchange)
    }

    /// The head that opens a stream of HTTP/2 for another protocol.
    func renderTunnel(_ upgrade: AcceptedUpgrade) -> WebResponse {
        clock.update(.now)
        return WebResponse(layout: .bare, headers: upgrade.headers, contentLength: .none, isCounted: false)
    }

    func renderTrace(_ exchange: WebExchange, _ params: JSON.Object) -> WebResponse {
        clock.update(.now)
        return WebResponse(body: .bytes(renderer.envelope.trace(exchange, params)))
    }

    func renderBytes(
        _ call: ActionCall, _ bytes: [UInt8], _ headers: [(name: String, value: String)], _ exchange: WebExchange
    ) -> WebResponse {
        render(call, .bytes(bytes), exchange.isHead ? .none : .lastInCapitals, headers, exchange)
    }

    func renderStream(
        _ call: ActionCall, _ stream: ByteStream, _ headers: [(name: String, value: String)], _ exchange: WebExchange
    ) -> WebResponse {
        render(call, .stream(stream), .unknown, headers, exchange)
    }

    /// What an action has put in place of its output.
    private func render(
        _ call: ActionCall, _ body: WebResponse.Body, _ length: WebResponse.ContentLength,
        _ headers: [(name: String, value: String)], _ exchange: WebExchange
    ) -> WebResponse {
        clock.update(.now)
        let state = call.response
        guard state.hasConfiguredHeaders || state.body?.hasUsualHeaders == true else {
            return WebResponse(
                status: state.status ?? 200, layout: .bare, headers: headers, directHeaders: state.directHeaders,
                body: body, contentLength: length, sendsBody: !exchange.isHead)
        }
        var response = WebResponse(
            status: state.status ?? 200, headers: state.headers + headers, directHeaders: state.directHeaders,
            body: body, contentLength: length, sendsBody: !exchange.isHead)
        response.hasDefaultType = false
        if case .lastInCapitals = length { response.contentLength = .body }
        return response
    }

    // MARK: On the wire

    /// The head that ends HTTP/1.1 on a connection.
    func writeSwitching(_ upgrade: AcceptedUpgrade) -> ByteBuffer {
        var text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: \(upgrade.token)\r\nConnection: Upgrade\r\n"
        for (name, value) in upgrade.headers { text += "\(name): \(value)\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }

    /// - Parameters:
    ///   - response: What to write.
    ///   - exchange: The request; `nil` for one that could not be read.
    ///   - keepsAlive: Whether another request may follow on the connection.
    ///   - isChunked: Whether a body of unknown length is sent in chunks.
    ///   - body: Of a file, to leave together with the head.
    /// - Returns: The head, with the body if that is at hand.
    func writeHTTP1(
        _ response: WebResponse, _ exchange: WebExchange?, keepsAlive: Bool, isChunked: Bool = true,
        body: ByteBuffer? = nil
    ) -> ByteBuffer {
        var written = renderer.head.writeHTTP1(
            response, exchange, clock, keepsAlive: keepsAlive, isChunked: isChunked,
            in: output.take(capacity: 640 + response.bodyCount + (body?.readableBytes ?? 0)))
        if let body { written.writeImmutableBuffer(body) }
        output.keep(written)
        return written
    }

    /// - Returns: The fields of the head.
    func writeHTTP2(_ response: WebResponse, _ exchange: WebExchange?) -> HPACKHeaders {
        var sink = HTTP2ResponseSink()
        renderer.head.write(response, exchange, clock, to: &sink)
        return sink.headers
    }

    /// A text that no file contains, except by chance.
    func boundary() -> String { UUID4.random(using: &random).text }
}
