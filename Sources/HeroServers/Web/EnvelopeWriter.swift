// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRuntime
internal import HeroSystem

/// Writes what the framework adds to the members of a response.
///
/// Everything that is the same for each response is laid out once, when the server starts.
struct EnvelopeWriter: Sendable {
    private let indent: Int?
    private let separator: [UInt8]
    private let firstSeparator: [UInt8]
    private let end: [UInt8]
    private let emptyEnd: [UInt8]
    /// Up to the value of requestDuration; `nil` when there is to be no such block.
    private let serverInformation: [UInt8]?
    private let currentTime: [UInt8]
    private let blockEnd: [UInt8]
    /// Up to the value of id, with its quote; each of the following begins with the one that ends the value before it.
    private let requesterInformation: [UInt8]?
    private let fingerprint: [UInt8]
    private let messageID: [UInt8]
    private let remoteIP: [UInt8]
    private let receivedParams: [UInt8]
    private let showsAllParams: Bool
    /// Names that `receivedParams` may show beside those that the framework understands: inputs of any action.
    private let knownParams: Set<ByteKey>

    init(_ configuration: WebConfiguration, general: GeneralConfiguration, actions: ActionRegistry) {
        let layout = Layout(indent: configuration.padding ?? 0)
        let quote = Array("\"".utf8)
        indent = configuration.padding
        separator = layout.bytes(",", newLineAt: 1)
        firstSeparator = layout.bytes("", newLineAt: 1)
        end = layout.bytes("", newLineAt: 0) + Array("}".utf8)
        emptyEnd = Array("}".utf8)
        serverInformation =
            configuration.metadataOptions.serverInformation
            ? layout.name("serverInformation") + Array("{".utf8) + layout.bytes("", newLineAt: 2)
                + layout.name("serverName") + Array(JSON.string(general.serverName).description.utf8)
                + layout.bytes(",", newLineAt: 2) + layout.name("apiVersion")
                + Array(JSON.string(general.apiVersion).description.utf8)
                + layout.bytes(",", newLineAt: 2) + layout.name("requestDuration")
            : nil
        currentTime = layout.bytes(",", newLineAt: 2) + layout.name("currentTime")
        blockEnd = layout.bytes("", newLineAt: 1) + Array("}".utf8)
        requesterInformation =
            configuration.metadataOptions.requesterInformation
            ? layout.name("requesterInformation") + Array("{".utf8) + layout.bytes("", newLineAt: 2) + layout.name("id")
                + quote
            : nil
        fingerprint = quote + layout.bytes(",", newLineAt: 2) + layout.name("fingerprint") + quote
        messageID = quote + layout.bytes(",", newLineAt: 2) + layout.name("messageId") + quote
        remoteIP = quote + layout.bytes(",", newLineAt: 2) + layout.name("remoteIP") + quote
        receivedParams = quote + layout.bytes(",", newLineAt: 2) + layout.name("receivedParams")
        showsAllParams = general.disableParamScrubbing
        knownParams = actions.all.reduce(into: []) { $0.formUnion($1.inputs.names.map(ByteKey.init)) }
    }

    private struct Layout {
        let indent: Int

        func bytes(_ text: String, newLineAt depth: Int) -> [UInt8] {
            let line = indent > 0 ? "\n" + String(repeating: " ", count: indent * depth) : ""
            return Array((text + line).utf8)
        }

        func name(_ name: String) -> [UInt8] { Array("\"\(name)\":\(indent > 0 ? " " : "")".utf8) }
    }

    /// Adds the blocks and the closing brace.
    ///
    /// - Parameters:
    ///   - body: An object without its closing brace.
    ///   - isEmpty: Whether no member stands in it yet.
    ///   - exchange: The request that is answered.
    ///   - params: What the requester block repeats.
    ///   - now: When the response is made.
    func finish(
        _ body: inout [UInt8], isEmpty: Bool, _ exchange: WebExchange, params: JSON.Object, now: WallTime
    ) {
        var isEmpty = isEmpty
        if let serverInformation {
            body += isEmpty ? firstSeparator : separator
            body += serverInformation
            Self.append(now.milliseconds - exchange.connectedAt.milliseconds, to: &body)
            body += currentTime
            Self.append(now.milliseconds, to: &body)
            body += blockEnd
            isEmpty = false
        }
        if let requesterInformation {
            body += isEmpty ? firstSeparator : separator
            body += requesterInformation
            appendRequester(exchange, params, to: &body)
            isEmpty = false
        }
        body += isEmpty ? emptyEnd : end
    }

    /// The answer to TRACE: the requester's block as a document of its own.
    func trace(_ exchange: WebExchange, _ params: JSON.Object) -> [UInt8] {
        var object: JSON.Object = [
            "id": .string(exchange.id), "fingerprint": .string(exchange.fingerprint),
            "messageId": .string(exchange.uuid.text), "remoteIP": .string(exchange.remote.ip),
        ]
        object["receivedParams"] = .object(shown(params))
        return Array(JSON.object(object).text(indent: indent).utf8)
    }

    private func appendRequester(_ exchange: WebExchange, _ params: JSON.Object, to body: inout [UInt8]) {
        Self.append(exchange.arrivedAs, to: &body)
        body.append(UInt8(ascii: "-"))
        Self.append(exchange.uuid, to: &body)
        body += fingerprint
        Self.append(exchange.identity, to: &body)
        body += messageID
        Self.append(exchange.uuid, to: &body)
        body += remoteIP
        body += exchange.remote.ip.utf8
        body += receivedParams
        var writer = JSONWriter(takingOver: &body, indent: indent, depth: 2)
        writer.write(shown(params))
        swap(&body, &writer.bytes)
        body += blockEnd
    }

    private func shown(_ params: JSON.Object) -> JSON.Object {
        if showsAllParams { return params }
        return params.keeping { ParameterNames.isAlwaysAllowed($0) || knownParams.contains(ByteKey($0)) }
    }

    /// Appends a fingerprint as it stands inside of quotes.
    private static func append(_ identity: ClientIdentity, to body: inout [UInt8]) {
        switch identity {
        case .fresh(let fingerprint):
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
                fingerprint.write(to: digits)
                body.append(contentsOf: digits)
            }
        // Whatever the client has put into its cookie.
        case .known(let text): body += JSON.string(text).description.utf8.dropFirst().dropLast()
        }
    }

    private static func append(_ uuid: UUID4, to body: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { digits in
            uuid.write(to: digits)
            body.append(contentsOf: digits)
        }
    }

    /// - Parameters:
    ///   - number: Not negative.
    ///   - body: Where the digits go.
    static func append(_ number: Int, to body: inout [UInt8]) {
        DecimalDigits.of(number) { body.append(contentsOf: $0) }
    }
}
