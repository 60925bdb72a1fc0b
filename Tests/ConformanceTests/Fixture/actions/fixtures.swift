// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

// The actions of the application that the recordings were made with, as far as there is something to write them with.

/// Parameters as actions of the reference see them: the framework's own first, then what the client sent, then defaults.
///
/// - Parameters:
///   - context: The request.
///   - finals: Inputs after conversion, formatting and defaulting.
/// - Returns: The parameters.
private func finalParams(_ context: Context, _ finals: KeyValuePairs<String, JSON?> = [:]) -> JSON {
    let version = Int(context.actionVersion).map(JSON.integer) ?? .string(context.actionVersion)
    var params: JSON.Object = ["action": .string(context.actionName), "apiVersion": version]
    for (name, value) in context.params where params[name] == nil { params[name] = value }
    for (name, value) in finals { if let value { params[name] = value } }
    return .object(params)
}

extension String? {
    fileprivate var json: JSON { map(JSON.string) ?? .null }
}

struct Echo: Action {
    static let description = "fixture echo"

    @Input("any") var a: JSON?
    @Input("any") var b: JSON?
    @Input("any") var c: JSON?
    @Input("any") var list: JSON?
    @Input("any") var ids: JSON?
    @Input("any") var obj: JSON?
    @Input("any") var n: JSON?
    @Input("any") var payload: JSON?
    @Input("any") var userID: JSON?
    @Input("any") var term: JSON?
    @Input("any") var limit: JSON?
    @Input("any") var path: JSON?
    @Input("any") var key: JSON?
    @Input("any") var value: JSON?

    func run(_ context: Context) async throws -> JSON {
        let request = context.connection.request
        let route = request?.routePath.map { ["path": .string($0), "action": .string(context.actionName)] as JSON }
        return [
            "params": finalParams(context), "route": route ?? .null, "extension": (request?.fileExtension).json,
        ]
    }
}

struct Upload: Action {
    static let description = "fixture upload"

    @Input("any") var file: UploadedFile?
    @Input("any") var second: UploadedFile?
    @Input("any") var stringParam: JSON?

    func run(_ context: Context) async throws -> JSON {
        ["stringParam": stringParam ?? .null, "file": try await described(file), "second": try await described(second)]
    }

    private func described(_ file: UploadedFile?) async throws -> JSON {
        guard let file else { return .null }
        var members = JSON.Object()
        if let name = file.originalName { members["name"] = .string(name) }
        if let type = file.contentType { members["type"] = .string(type) }
        members["size"] = .integer(file.size)
        members["sha1"] = .string(SHA1.hexadecimal(try await file.contents()))
        return .object(members)
    }
}

struct EchoRaw: Action {
    static let description = "fixture echoRaw"

    @Input("any") var a: JSON?
    @Input("any") var b: JSON?

    func run(_ context: Context) async throws -> JSON {
        let request = context.connection.request
        // Where the reference has read a body that it does not keep, it has empty text.
        let rawBody = request?.rawBody.map { String(decoding: $0, as: UTF8.self) } ?? request?.body.map { _ in "" }
        return [
            "method": (request?.method).json, "query": request.map { query($0.queryString) } ?? .null,
            "body": request?.body ?? .null, "rawBody": rawBody.json,
            "fileKeys": request?.body == nil ? .null : .array((request?.files ?? []).map { .string($0.fieldName) }),
            "params": finalParams(context),
        ]
    }

    /// The flat map of the reference's platform, which reads a thousand parameters and knows no brackets.
    private func query(_ text: String) -> JSON {
        var map = JSON.Object()
        for part in text.split(separator: "&").prefix(1000) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = JSON.string(pieces.count > 1 ? String(pieces[1]) : "")
            switch map[String(pieces[0])] {
            case nil: map[String(pieces[0])] = value
            case .array(let values): map[String(pieces[0])] = .array(values + [value])
            case .some(let first): map[String(pieces[0])] = [first, value]
            }
        }
        return .object(map)
    }
}

/// An error that is no `ActionError`, like anything that a library throws.
private struct PlainError: Error, CustomStringConvertible {
    let description: String
}

struct Throwing: Action {
    static let description = "fixture throwing"

    @Input("which way to fail") var kind: String?

    func run(_ context: Context) async throws -> NoOutput {
        switch kind {
        case "string": throw PlainError(description: "a thrown string")
        case "object": throw ActionError(payload: ["some": "object", "n": 1])
        case "code404": throw ActionError("boom", status: 404)
        case "code402": throw ActionError("boom", status: 402)
        case "code999": throw ActionError("boom", status: 999)
        case "codeString": throw ActionError("boom", code: "418")
        case "codeName": throw ActionError("boom", code: "ENOENT")
        case "setStatus": context.response.status = 402
        case "afterResponse": context.response["before"] = "kept"
        case "responseString":
            context.response["error"] = "broken"
            return NoOutput()
        case "responseObject":
            context.response["error"] = ["error": "broken", "reason": "stuff"]
            return NoOutput()
        case "responseError":
            context.response["error"] = "broken error"
            return NoOutput()
        case "responseErrorCode":
            context.response["error"] = "gone"
            context.response.status = 410
            return NoOutput()
        case "responseErrorThenThrow": context.response["error"] = "first"
        default: break
        }
        throw PlainError(description: "boom")
    }
}

struct Checked: Action {
    static let description = "fixture checked"

    @Input("required") var requiredParam: JSON
    @Input("abc123 and nothing else", validate: .custom("fancy should be \"abc123\", so says the validator", isFancy))
    var fancy = "abc123"
    @Input("more than zero", validate: .custom { $0 > 0 }) var num: Int?
    @Input("anything", validate: .init { _ in }) var silent: String?
    @Input("nothing", validate: .init { throw ActionError("validator threw for \($0)") }) var thrower: String?
    @Input("nothing", format: .custom { _ in throw PlainError(description: "formatter threw") }) var badFormat: String?
    @Input("a default") var lit = "literal"

    @Sendable private static func isFancy(_ text: String) -> Bool { text == "abc123" }

    func run(_ context: Context) async throws -> JSON {
        [
            "params": finalParams(
                context,
                [
                    "requiredParam": requiredParam, "fancy": .string(fancy), "num": num.map(JSON.integer),
                    "silent": silent.map(JSON.string), "thrower": thrower.map(JSON.string),
                    "badFormat": badFormat.map(JSON.string), "lit": .string(lit),
                ])
        ]
    }
}

struct SchemaAction: Action {
    static let description = "fixture schemaAction"

    struct Outer: InputObject {
        @Input("required") var requiredParam: String
        @Input("a default") var defaulted = "d"
        @Input("gets waves on both sides", format: .custom { "~\($0)~" }) var formatted: String?
        @Input("ok and nothing else", validate: .custom("validated must be ok") { $0 == "ok" }) var validated: String?
    }

    @Input("an object") var outer: Outer

    func run(_ context: Context) async throws -> JSON {
        // In the order of the client, and what the client left out behind it.
        var result = JSON.Object()
        let finals: JSON.Object = [
            "requiredParam": .string(outer.requiredParam), "defaulted": .string(outer.defaulted),
            "formatted": outer.formatted.json, "validated": outer.validated.json,
        ]
        for (name, _) in context.params["outer"]?.objectValue ?? [:] { result[name] = finals[name] }
        for (name, value) in finals where !value.isNull { result[name] = value }
        return ["outer": .object(result)]
    }
}

struct Frozen: Action {
    static let description = "fixture frozen"

    @Input("any") var a: JSON?

    func run(_ context: Context) async throws -> JSON {
        // Parameters are a value: the copy changes, what others see does not.
        var params = context.params
        params["a"] = "changed"
        return ["a": context.params["a"] ?? .null]
    }
}

struct BlockedWeb: Action {
    static let description = "fixture blockedWeb"
    static let blockedConnectionTypes = ["web"]
    func run(_ context: Context) async throws -> JSON { ["ok": true] }
}

struct BlockedWebsocket: Action {
    static let description = "fixture blockedWebsocket"
    static let blockedConnectionTypes = ["websocket"]
    func run(_ context: Context) async throws -> JSON { ["ok": true] }
}

struct BlockedSocket: Action {
    static let description = "fixture blockedSocket"
    static let blockedConnectionTypes = ["socket"]
    func run(_ context: Context) async throws -> JSON { ["ok": true] }
}

struct MwOrder: Action {
    static let description = "fixture mwOrder"
    static let middleware = ["fx-b", "fx-a"]

    @Input("any") var a: JSON?

    func run(_ context: Context) async throws -> JSON {
        context.response.appendToOrder("run")
        let who: String? = context.session["who"]
        return ["session": who.map { ["who": .string($0)] } ?? .null]
    }
}

struct MwThrow: Action {
    static let description = "fixture mwThrow"
    static let middleware = ["fx-throw"]
    func run(_ context: Context) async throws -> JSON { ["ran": true] }
}

struct MwThrowPost: Action {
    static let description = "fixture mwThrowPost"
    static let middleware = ["fx-throw-post"]
    func run(_ context: Context) async throws -> JSON { ["ran": true] }
}

struct MwStop: Action {
    static let description = "fixture mwStop"
    static let middleware = ["fx-a", "fx-stop"]
    func run(_ context: Context) async throws -> JSON { ["ran": true] }
}

/// Not of the reference's fixture: what has begun before something fails.
struct MwBlocked: Action {
    static let middleware = ["fx-a", "fx-throw"]
    func run(_ context: Context) async throws -> JSON { ["ran": true] }
}

struct Big: Action {
    static let description = "fixture big"
    @Input("how many letters") var size: Int?
    func run(_ context: Context) async throws -> JSON { ["text": .string(String(repeating: "x", count: size ?? 0))] }
}

struct ContextOverride: Action {
    static let description = "fixture contextOverride"
    func run(_ context: Context) async throws -> JSON { ["context": "alert", "ok": true] }
}

struct Rejection: Action {
    static let description = "fixture rejection"

    func run(_ context: Context) async throws -> JSON {
        // Nobody awaits this task, so nobody learns of its error.
        Task {
            try await Task.sleep(for: .milliseconds(10))
            throw PlainError(description: "rejected boom")
        }
        try await Task.sleep(for: .milliseconds(500))
        return ["ok": true]
    }
}

extension Response {
    fileprivate func appendToOrder(_ word: String) {
        self["order"] = .array((self["order"]?.arrayValue ?? []) + [.string(word)])
    }
}

/// FIPS 180-4, 6.1; a file has no other way to a digest than to bring it.
private enum SHA1 {
    static func hexadecimal(_ message: [UInt8]) -> String {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var bytes = message + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(message.count * 8 >> shift & 0xFF)) }
        for start in stride(from: 0, to: bytes.count, by: 64) { addBlock(bytes[start..<start + 64], to: &state) }
        return state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private static func addBlock(_ block: ArraySlice<UInt8>, to state: inout [UInt32]) {
        var words = (0..<16).map { index in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[block.startIndex + 4 * index + $1]) }
        }
        for index in 16..<80 {
            words.append(rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mix, constant): (UInt32, UInt32) =
                switch index {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = rotated(a, 5) &+ mix &+ e &+ constant &+ words[index]
            (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] = state[index] &+ word }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
