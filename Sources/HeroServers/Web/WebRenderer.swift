// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRuntime
internal import HeroSystem

/// Turns the result of an action into a response.
struct WebRenderer: Sendable {
    let configuration: WebConfiguration
    let head: ResponseHeadWriter
    let envelope: EnvelopeWriter
    private let types: MediaTypes

    init(
        _ configuration: WebConfiguration, general: GeneralConfiguration, actions: ActionRegistry,
        slot: BoardSlot? = nil
    ) {
        self.configuration = configuration
        head = ResponseHeadWriter(configuration, serverName: general.serverName, slot: slot)
        envelope = EnvelopeWriter(configuration, general: general, actions: actions)
        types = MediaTypes(own: configuration.files.typesByExtension)
    }

    /// The response of an action that answers JSON.
    ///
    /// - Parameters:
    ///   - outcome: What the action has answered, and how it ended.
    ///   - params: What the request has brought.
    ///   - exchange: The request.
    ///   - now: When the response is made.
    ///   - matchesExtension: Whether an extension in the path chooses the content type.
    /// - Returns: The response with its body in memory.
    func render(
        _ outcome: (response: ResponseState, result: ActionCall.Result?), params: JSON.Object, _ exchange: WebExchange,
        now: WallTime, matchesExtension: Bool = false
    ) -> WebResponse {
        let state = matchesExtension ? typed(outcome.response, exchange) : outcome.response
        var response = WebResponse(
            status: status(of: outcome.result, state), headers: state.headers, directHeaders: state.directHeaders)
        guard let text = plainText(state) else {
            var bytes = body(state, params, exchange, now: now)
            if let callback = params["callback"]?.stringValue, !callback.isEmpty {
                response.contentType = "application/javascript"
                bytes = Self.padded(bytes, callback: callback)
            }
            return Self.answering(exchange, response, bytes)
        }
        return Self.answering(exchange, response, text)
    }

    /// HEAD is answered without the body, and with the length that the reference announces.
    private static func answering(_ exchange: WebExchange, _ response: WebResponse, _ body: [UInt8]) -> WebResponse {
        var response = response
        response.body = .bytes(body)
        if exchange.isHead { (response.sendsBody, response.contentLength) = (false, .explicit(0)) }
        return response
    }

    /// An extension in the path names the content type, unless the action has.
    ///
    /// JSON stays JSON, and text does not become something that browsers run: whoever makes up the address would decide
    /// that.
    private func typed(_ state: ResponseState, _ exchange: WebExchange) -> ResponseState {
        guard let suffix = exchange.fileExtension, let type = types.known(suffix),
            !state.headers.contains(where: { $0.name.lowercased() == "content-type" })
        else { return state }
        let isText = state.data.stringValue != nil
        guard isText ? !Self.isActive(type) : type.contains("json") && !state.hasError else { return state }
        var state = state
        state.headers.append(("content-type", type))
        return state
    }

    private static func isActive(_ type: String) -> Bool {
        ["html", "xml", "svg", "javascript", "ecmascript", "pdf", "wasm"].contains { type.contains($0) }
    }

    /// A refusal, before there is an exchange to speak of.
    static func fault(_ fault: HTTPFault) -> WebResponse {
        var writer = JSONWriter(indent: nil)
        writer.write(JSON.object(["error": .string(fault.reason)]))
        return WebResponse(
            status: fault.status, layout: .bare,
            headers: [("content-type", ResponseHeadWriter.jsonContentType)] + fault.headers,
            body: .bytes(writer.bytes))
    }

    /// Sends the client elsewhere, with the headers and capitals of the reference.
    static func redirect(to location: String, _ exchange: WebExchange) -> WebResponse {
        WebResponse(
            status: 302, layout: .bare, headers: [("Location", location)],
            body: .bytes(Array("You are being redirected to \(location)\r\n".utf8)),
            contentLength: .lastInCapitals, sendsBody: !exchange.isHead)
    }

    /// The answer to a question about the process, which says nothing about any response of the application.
    static func health(_ answer: (status: Int, body: [UInt8]), _ exchange: WebExchange) -> WebResponse {
        WebResponse(
            status: answer.status, layout: .bare,
            headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            body: .bytes(answer.body), sendsBody: !exchange.isHead, isCounted: false)
    }

    /// A string that is answered as it is, because the action chose a content type that is not JSON.
    private func plainText(_ state: ResponseState) -> [UInt8]? {
        guard !state.headers.isEmpty,
            let type = state.headers.last(where: { $0.name.lowercased() == "content-type" })?.value,
            !type.lowercased().contains("json"), let text = state.data.stringValue
        else { return nil }
        return Array(text.utf8)
    }

    private func body(
        _ state: ResponseState, _ params: JSON.Object, _ exchange: WebExchange, now: WallTime
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        guard let isEmpty = state.openObject(in: &bytes, indent: configuration.padding) else {
            // Anything but an object is the whole response.
            return Array(state.data.text(indent: configuration.padding).utf8)
        }
        envelope.finish(&bytes, isEmpty: isEmpty, exchange, params: params, now: now)
        return bytes
    }

    private func status(of result: ActionCall.Result?, _ state: ResponseState) -> Int {
        if let status = state.status { return status }
        guard configuration.returnErrorCodes, state.hasError else { return 200 }
        guard let result else { return configuration.defaultErrorStatusCode }
        if let status = result.error?.httpStatus { return status }
        switch result.status {
        case .unknownAction: return 404
        case .missingParams: return 422
        case .validatorErrors: return configuration.invalidParamsStatusCode
        case .timedOut: return 504
        case .quarantined: return 503
        case .complete, .genericError, .serverShuttingDown, .tooManyRequests, .unsupportedServerType:
            return configuration.defaultErrorStatusCode
        }
    }

    /// JSONP: the callback's name is stripped of everything that could make it more than a name.
    private static func padded(_ body: [UInt8], callback: String) -> [UInt8] {
        var name = ""
        for character in callback {
            switch character {
            case "&": name += "&amp;"
            case "\"": name += "&quot;"
            case "'": name += "&#39;"
            case "<": name += "&lt;"
            case ">": name += "&gt;"
            case "(", ")": break
            default: name.append(character)
            }
        }
        return Array(name.utf8) + Array("(".utf8) + body + Array(");".utf8)
    }
}
