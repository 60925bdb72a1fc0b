// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport

/// A request on a connection of its own, and one response.
struct HTTPExchange: Exchange {
    private let recording: Recording
    private let masks: Masks
    private let request: [UInt8]
    private let response: RecordedResponse

    /// Files of the reference, of which the recordings keep the size only: ours have the size and other bytes.
    private static let standIns = [
        "http-basic: GET sendFile", "http-basic: TRACE file path", "http-static: root index", "http-static: /public/",
        "http-static: public simple.html", "http-static: mime favicon.ico", "http-static: mime logo/actionhero.png",
    ]

    /// Long bodies, of which the recordings keep length and digest; these have both.
    private static let describedBodies = [
        "http-bodies: 1 MB JSON": "{\"a\": \"\(String(repeating: "z", count: 1_000_000))\"}",
        "http-bodies: form 1001 fields": (0...1000).map { "p\($0)=1" }.joined(separator: "&") + "&a=last",
    ]

    struct RecordedResponse: Sendable {
        let status: String
        let headers: [(name: String, value: String)]
        let length: Int
        /// `nil` for long bodies and those that are not text.
        let text: String?
    }

    init(_ recording: Recording) throws {
        self.recording = recording
        let request = recording.request
        guard let text = request["bytes"]?.stringValue ?? request["head"]?.stringValue else {
            throw Recording.Malformed(topic: recording.topic, member: "request.bytes")
        }
        self.request = Array((text + (Self.describedBodies[recording.title] ?? "")).utf8)
        let response = recording.response
        let headers = (response["headers"]?.arrayValue ?? []).map { pair in
            (name: pair[0]?.stringValue ?? "", value: pair[1]?.stringValue ?? "")
        }
        let unpacked = try Self.unpacked(response["body"]?["base64"]?.stringValue, headers)
        // Whoever recorded packed bytes did not see what is volatile in them.
        let masks = Masks(recording.volatile + Masks.uploads + Masks.version)
        let isRedirect = headers.contains { $0.name == "Location" }
        self.masks =
            isRedirect
            // Where we answer, there is something volatile that the redirect has not.
            ? masks.adding("uuid", "fingerprint-sha1", "requestDuration", "ms-timestamp", "randomNumber")
            : unpacked == nil ? masks : masks.adding("uuid", "requestDuration", "ms-timestamp")
        self.response = RecordedResponse(
            status: "\(response["status"]?.intValue ?? 0) \(response["reason"]?.stringValue ?? "")", headers: headers,
            length: response["body"]?["length"]?.intValue ?? 0,
            text: response["body"]?["text"]?.stringValue ?? unpacked)
    }

    /// What a packed body says; two packers never make the same bytes of it.
    private static func unpacked(_ base64: String?, _ headers: [(name: String, value: String)]) throws -> String? {
        guard let base64, headers.contains(where: { $0.name.lowercased() == "content-encoding" }),
            let bytes = Data(base64Encoded: base64)
        else { return nil }
        return String(decoding: try Unpacking.unpack(Array(bytes)).bytes, as: UTF8.self)
    }

    private var isHead: Bool { request.starts(with: Array("HEAD ".utf8)) }

    var recorded: [(field: String, value: String)] {
        [("status", response.status)] + fields(response.headers, bodyLength: response.length)
    }

    func replay() async throws -> [Difference] { try await replay(recording.config) }

    /// - Parameter config: Of the server, in place of the recorded one.
    /// - Returns: In what our answer is not the recorded one.
    /// - Throws: An error when there is no answer.
    func replay(_ config: JSON) async throws -> [Difference] {
        let server = try await ReplayServers.shared.server(config)
        let connection = try HTTPConnection(port: await server.port)
        try await connection.send(request)
        var answer = try await connection.response(hasBody: !isHead)
        while answer.status == 100 { answer = try await connection.response(hasBody: !isHead) }
        return compare(answer)
    }

    private func compare(_ answer: HTTPResponse) -> [Difference] {
        let ours =
            [("status", "\(answer.status) \(answer.reason)")] + fields(answer.headers, bodyLength: answer.body.count)
        var differences = Difference.between(recorded, ours)
        let names = (response.headers.map(\.name), answer.headers.map(\.name))
        if names.0.sorted() == names.1.sorted(), names.0 != names.1 {
            differences.append(
                Difference(
                    field: "header order", recorded: names.0.joined(separator: ", "),
                    ours: names.1.joined(separator: ", ")))
        }
        return differences + compareBody(answer)
    }

    /// One field per name, so that a header in other capitals is another one.
    private func fields(
        _ headers: [(name: String, value: String)], bodyLength: Int
    ) -> [(field: String, value: String)] {
        var fields: [(field: String, value: String)] = []
        for (name, _) in headers where !fields.contains(where: { $0.field == "header \(name)" }) {
            let values = headers.filter { $0.name == name }.map { comparable(name, $0.value, bodyLength) }
            fields.append(("header \(name)", values.joined(separator: ", ")))
        }
        return fields
    }

    private func comparable(_ name: String, _ value: String, _ bodyLength: Int) -> String {
        switch name.lowercased() {
        case "date": return value.hasSuffix(" GMT") ? "<date>" : value
        case "keep-alive": return value.hasPrefix("timeout=") ? "<timeout>" : value
        // It follows the length of volatile numbers, but has to be the body's.
        case "content-length" where !isHead: return Int(value) == bodyLength ? "<length of the body>" : value
        default: return masks.apply(value)
        }
    }

    private func compareBody(_ answer: HTTPResponse) -> [Difference] {
        guard let text = response.text else {
            let isStandIn = Self.standIns.contains(recording.title)
            // Long bodies with volatile parts are compared by their approximate length.
            let tolerance = isStandIn ? 0 : response.length / 50
            if abs(answer.body.count - response.length) <= tolerance { return [] }
            return [Difference(field: "body length", recorded: "\(response.length)", ours: "\(answer.body.count)")]
        }
        let answered = answer["content-encoding"] == nil ? answer.text : (try? answer.unpackedText) ?? answer.text
        let (left, right) = (masks.apply(text), masks.apply(answered))
        if left == right { return [] }
        if let differences = JSONDifferences.between(text, answered, masks: masks), !differences.isEmpty {
            return differences
        }
        // Two texts of the same values: layout counts too. Or one is no JSON, and names no patterns for what we answer.
        let ours = masks.adding("uuid", "requestDuration", "ms-timestamp").apply(right)
        return [Difference(field: "body", recorded: quoted(left), ours: quoted(ours))]
    }

    private func quoted(_ text: String) -> String? { text.isEmpty ? nil : JSON.string(text).description }
}
