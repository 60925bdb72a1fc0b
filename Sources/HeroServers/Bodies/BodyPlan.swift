// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore

/// What is to become of a request's body, known from its head.
struct BodyPlan {
    enum Kind {
        /// Nobody wants it: read and dropped.
        case ignored
        /// Only its bytes are wanted.
        case opaque
        case json
        case form(FormCharset)
        case multipart(boundary: String)
        /// The body is a file.
        case file(MultipartPartHead)
        case unreadable(HTTPFault)
    }

    var kind = Kind.ignored
    /// `web.saveRawBody`.
    var keepsRaw = false
    /// Whether an action will get the files.
    var keepsFiles = false
    /// `web.rejectUnreadableBodies`.
    var rejects = true

    /// Whether it goes to the disk and not to memory.
    var isUpload: Bool {
        switch kind {
        case .multipart, .file: true
        case .ignored, .opaque, .json, .form, .unreadable: false
        }
    }

    /// Whether somebody looks at the bytes.
    var isWanted: Bool {
        if case .ignored = kind { return keepsRaw }
        return true
    }
}

extension BodyPlan.Kind {
    /// Decides as the reference does, by what the content type contains.
    ///
    /// - Parameters:
    ///   - type: The header `Content-Type`.
    ///   - head: The request's.
    ///   - keepsRaw: Whether an action can do something with bytes of an unknown type.
    init(_ type: String, _ head: HTTPRequestHead, keepsRaw: Bool) {
        let text = type.lowercased()
        if text.contains("octet-stream") {
            let name = head.value("x-file-name")
            self = .file(MultipartPartHead(wholeBody: ParameterizedValue(type)?.value ?? text, fileName: name))
        } else if text.contains("urlencoded") {
            self = Self.charset(type).map { .form($0) } ?? .unreadable(.unknownCharset(Self.charsetName(type)))
        } else if text.contains("multipart") {
            do throws(HTTPFault) {
                self = .multipart(boundary: try MultipartParser.boundary(of: type))
            } catch {
                self = .unreadable(error)
            }
        } else if text.contains("json") {
            self = Self.charset(type) == .utf8 ? .json : .unreadable(.unknownCharset(Self.charsetName(type)))
        } else if keepsRaw {
            self = .opaque
        } else {
            self = .unreadable(
                HTTPFault(status: 415, reason: "a body of type \(text) cannot be read; send JSON or a form"))
        }
    }

    private static func charsetName(_ type: String) -> String { ParameterizedValue(type)?["charset"] ?? "utf-8" }
    private static func charset(_ type: String) -> FormCharset? { FormCharset(charsetName(type)) }
}

/// Bounds of bodies, in bytes where nothing else is said.
struct BodyLimits: Sendable {
    let bodySize: Int
    /// Unpacked bytes per packed byte.
    let inflateRatio: Int
    let json: JSONLimits
    let form: FormOptions
    /// Bytes on their way to the disk above which the client has to wait; it goes on below the half of it.
    let uploadBuffer: Int

    /// The most that a request may have, whatever it is.
    var requestBytes: Int { max(bodySize, form.requestBytes) }
}
