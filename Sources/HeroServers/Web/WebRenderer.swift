// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

/// Writes responses: the envelope around what an action answered, and everything before the empty line.
struct WebRenderer: Sendable {
    let configuration: WebConfiguration
    let head: ResponseHeadWriter
    private let serverName: String
    private let apiVersion: String
    private let showsAllParams: Bool
    /// Names that `receivedParams` may show: inputs of any action and what the framework understands.
    private let knownParams: Set<String>

    init(_ configuration: WebConfiguration, general: GeneralConfiguration, actions: ActionRegistry) {
        self.configuration = configuration
        head = ResponseHeadWriter(configuration, serverName: general.serverName)
        serverName = general.serverName
        apiVersion = general.apiVersion
        showsAllParams = general.disableParamScrubbing
        knownParams = actions.all.reduce(into: ParameterNames.alwaysAllowed) { $0.formUnion($1.inputs.names) }
    }

    /// The complete response of an action that answers JSON.
    func render(_ call: ActionCall, _ exchange: WebExchange, _ clock: LoopClock, now: WallTime, keepsAlive: Bool) -> ByteBuffer {
        let state = call.responseState
        let status = status(of: call, state)
        var contentType = explicitContentType(state.headers)
        let callback = call.request.params["callback"]?.stringValue
        var body: [UInt8]
        if let contentType, !contentType.lowercased().contains("json"), let text = state.data.stringValue {
            body = Array(text.utf8)
        } else {
            body = envelope(call, state, exchange, now: now)
            if let callback {
                contentType = "application/javascript"
                body = Self.padded(body, callback: callback)
            }
        }
        let isHead = exchange.head.withBytes(exchange.head.method) { ASCII.isEqual($0, to: "head") }
        return head.write(
            ResponseHeadWriter.Response(
                status: status, contentType: callback == nil ? nil : contentType, headers: state.headers,
                directHeaders: state.directHeaders, body: isHead ? [] : body, keepsAlive: keepsAlive),
            exchange, clock)
    }

    // MARK: Status

    func status(of call: ActionCall, _ state: ResponseState) -> Int {
        if let status = state.status { return status }
        guard configuration.returnErrorCodes, state.hasError else { return 200 }
        guard let result = call.result else { return configuration.defaultErrorStatusCode }
        if let status = result.error?.httpStatus { return status }
        switch result.status {
        case .unknownAction: return 404
        case .missingParams: return 422
        case .validatorErrors: return configuration.invalidParamsStatusCode
        case .timedOut: return 504
        case .serverShuttingDown: return configuration.defaultErrorStatusCode
        case .complete, .genericError, .tooManyRequests, .unsupportedServerType:
            return configuration.defaultErrorStatusCode
        }
    }

    private func explicitContentType(_ headers: [(name: String, value: String)]) -> String? {
        headers.last { $0.name.lowercased() == "content-type" }?.value
    }

    // MARK: Body

    private func envelope(_ call: ActionCall, _ state: ResponseState, _ exchange: WebExchange, now: WallTime) -> [UInt8] {
        var writer = JSONWriter(indent: configuration.padding)
        writer.bytes.reserveCapacity(1024)
        writer.beginObject()
        var isFirst = true
        guard state.writeMembers(to: &writer, isFirst: &isFirst) else {
            // Anything but an object is the whole response, on one line for strings and numbers.
            var plain = JSONWriter(indent: configuration.padding)
            plain.write(state.data)
            return plain.bytes
        }
        if configuration.metadataOptions.serverInformation {
            writer.write(name: "serverInformation", isFirst: isFirst)
            writeServerInformation(&writer, exchange, now: now)
            isFirst = false
        }
        if configuration.metadataOptions.requesterInformation {
            writer.write(name: "requesterInformation", isFirst: isFirst)
            writeRequesterInformation(&writer, exchange, call.request.params)
            isFirst = false
        }
        writer.endObject(isEmpty: isFirst)
        return writer.bytes
    }

    private func writeServerInformation(_ writer: inout JSONWriter, _ exchange: WebExchange, now: WallTime) {
        writer.beginObject()
        writer.write(name: "serverName", isFirst: true)
        writer.write(serverName)
        writer.write(name: "apiVersion", isFirst: false)
        writer.write(apiVersion)
        writer.write(name: "requestDuration", isFirst: false)
        writer.write(now.milliseconds - exchange.connectedAt.milliseconds)
        writer.write(name: "currentTime", isFirst: false)
        writer.write(now.milliseconds)
        writer.endObject(isEmpty: false)
    }

    private func writeRequesterInformation(
        _ writer: inout JSONWriter, _ exchange: WebExchange, _ params: JSON.Object
    ) {
        writer.beginObject()
        writer.write(name: "id", isFirst: true)
        writer.write(exchange.id)
        writer.write(name: "fingerprint", isFirst: false)
        writer.write(exchange.fingerprint)
        writer.write(name: "messageId", isFirst: false)
        writer.write(exchange.uuid.text)
        writer.write(name: "remoteIP", isFirst: false)
        writer.write(exchange.remote.ip)
        writer.write(name: "receivedParams", isFirst: false)
        writeReceivedParams(&writer, params)
        writer.endObject(isEmpty: false)
    }

    private func writeReceivedParams(_ writer: inout JSONWriter, _ params: JSON.Object) {
        writer.beginObject()
        var isFirst = true
        for (name, value) in params where showsAllParams || knownParams.contains(name) {
            writer.write(name: name, isFirst: isFirst)
            writer.write(value)
            isFirst = false
        }
        writer.endObject(isEmpty: isFirst)
    }

    /// What the method TRACE answers.
    func trace(_ exchange: WebExchange, _ params: JSON.Object) -> [UInt8] {
        var writer = JSONWriter(indent: configuration.padding)
        writeRequesterInformation(&writer, exchange, params)
        return writer.bytes
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
