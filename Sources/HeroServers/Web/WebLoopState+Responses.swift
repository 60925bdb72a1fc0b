// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore
internal import NIOHPACK

// What requests are answered with, and how that goes on the wire.
extension WebLoopState {
    func render(
        _ call: ActionCall, _ outcome: (response: ResponseState, result: ActionCall.Result?), _ exchange: WebExchange
    ) -> WebResponse {
        let now = WallTime.now
        clock.update(now)
        return renderer.render(outcome, params: call.request.params, exchange, now: now)
    }

    func renderFault(_ fault: HTTPFault) -> WebResponse {
        clock.update(.now)
        return WebRenderer.fault(fault)
    }

    /// A request that was read whole but cannot be handled: the connection stays usable.
    func renderRefusal(_ fault: HTTPFault, _ exchange: WebExchange, _ params: JSON.Object) -> WebResponse {
        let now = WallTime.now
        clock.update(now)
        var state = ResponseState()
        state.status = fault.status
        state.data = ["error": .string(fault.reason)]
        if !fault.allowedMethods.isEmpty {
            state.headers.append(("allow", fault.allowedMethods.joined(separator: ", ")))
        }
        return renderer.render((state, nil), params: params, exchange, now: now)
    }

    func renderOptions() -> WebResponse {
        clock.update(.now)
        let headers = configuration.httpHeaders
        func isConfigured(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name } }
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

    func renderHealth(_ question: HealthPaths.Question, _ exchange: WebExchange) -> WebResponse {
        clock.update(.now)
        return WebRenderer.health(HealthPaths.answer(question, isStopping: isStopping), exchange)
    }

    func renderTrace(_ exchange: WebExchange, _ params: JSON.Object) -> WebResponse {
        clock.update(.now)
        return WebResponse(body: .bytes(renderer.envelope.trace(exchange, params)))
    }

    func renderBytes(
        _ call: ActionCall, _ bytes: [UInt8], _ headers: [(name: String, value: String)], _ exchange: WebExchange
    ) -> WebResponse {
        clock.update(.now)
        let state = call.response
        return WebResponse(
            status: state.status ?? 200, layout: .bare, headers: headers, directHeaders: state.directHeaders,
            body: .bytes(exchange.isHead ? [] : bytes), contentLength: exchange.isHead ? .none : .lastInCapitals)
    }

    func renderStream(
        _ call: ActionCall, _ stream: ByteStream, _ headers: [(name: String, value: String)], _ exchange: WebExchange
    ) -> WebResponse {
        clock.update(.now)
        let state = call.response
        return WebResponse(
            status: state.status ?? 200, layout: .bare, headers: headers, directHeaders: state.directHeaders,
            body: .stream(stream), contentLength: .unknown, sendsBody: !exchange.isHead)
    }

    func renderFile(_ file: OpenedFile?, _ state: ResponseState?, _ exchange: WebExchange) -> WebResponse {
        clock.update(.now)
        var response = WebResponse(headers: state?.headers ?? [], directHeaders: state?.directHeaders ?? [])
        guard let file else {
            response.status = 404
            response.contentType = "text/html"
            response.body = .bytes(exchange.isHead ? [] : Array(fileNotFound.utf8))
            response.contentLength = .explicit(fileNotFound.utf8.count)
            return response
        }
        response.body = .file(file)
        response.sendsBody = !exchange.isHead
        response.status = state?.status ?? 200
        // What is added last stands first.
        response.headers.append(("content-type", file.contentType))
        response.lateHeaders = [("etag", file.etag)]
        response.contentLength = .explicit(file.size)
        if !response.headers.contains(where: { $0.name.lowercased() == "cache-control" }) {
            let seconds = configuration.flatFileCacheDuration
            response.headers.append(("cache-control", "max-age=\(seconds), must-revalidate, public"))
        }
        if file.isUnchanged(exchange.head) {
            response.status = 304
            response.contentLength = .none
        }
        return response
    }

    // MARK: On the wire

    /// - Returns: The head, with the body if that is at hand.
    func writeHTTP1(
        _ response: WebResponse, _ exchange: WebExchange?, keepsAlive: Bool, isChunked: Bool = true
    ) -> ByteBuffer {
        let written = renderer.head.writeHTTP1(
            response, exchange, clock, keepsAlive: keepsAlive, isChunked: isChunked,
            in: output.take(capacity: 640 + response.bodyCount))
        output.keep(written)
        return written
    }

    /// - Returns: The fields of the head.
    func writeHTTP2(_ response: WebResponse, _ exchange: WebExchange?) -> HPACKHeaders {
        var sink = HTTP2ResponseSink()
        renderer.head.write(response, exchange, clock, to: &sink)
        return sink.headers
    }
}
