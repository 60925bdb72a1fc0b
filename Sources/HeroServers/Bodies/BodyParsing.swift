// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem
internal import NIOCore

/// Parses bodies that have been collected whole, wherever it is called.
struct BodyParsing: Sendable {
    let bytes: ByteBuffer
    let kind: BodyPlan.Kind
    let limits: BodyLimits

    func run() -> ReceivedBody.Content { Self.parse(bytes, kind, limits) }

    static func parse(_ bytes: ByteBuffer, _ kind: BodyPlan.Kind, _ limits: BodyLimits) -> ReceivedBody.Content {
        let bytes = withoutByteOrderMark(bytes)
        guard bytes.readableBytes > 0 else { return .fields([:], files: [:]) }
        if case .form(let charset) = kind { return .fields(form(bytes, charset, limits.form), files: [:]) }
        do {
            return .json(try bytes.withUnsafeReadableBytes { try JSON(parsing: $0, limits: limits.json) })
        } catch {
            return .unreadable(.badRequest("the body is not valid JSON: \(error)"))
        }
    }

    /// Some editors and libraries begin every UTF-8 text with one; it is no part of the text.
    private static func withoutByteOrderMark(_ bytes: ByteBuffer) -> ByteBuffer {
        guard bytes.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) else { return bytes }
        var bytes = bytes
        bytes.moveReaderIndex(forwardBy: 3)
        return bytes
    }

    /// Flat names; fields behind the limit are ignored.
    private static func form(_ bytes: ByteBuffer, _ charset: FormCharset, _ options: FormOptions) -> JSON.Object {
        var fields = JSON.Object()
        bytes.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            var count = 0
            while !rest.isEmpty, count < options.maxFields {
                let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
                let part = rest[..<end]
                rest = rest[min(end + 1, rest.endIndex)...]
                if part.isEmpty { continue }
                count += 1
                let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
                let value = part[min(equals + 1, part.endIndex)...]
                fields.add(.string(text(value, charset)), named: text(part[..<equals], charset), options)
            }
        }
        return fields
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>, _ charset: FormCharset) -> String {
        switch charset {
        case .utf8: PercentEncoding.decodeLeniently(UnsafeRawBufferPointer(rebasing: bytes), plusIsSpace: true)
        case .latin1: charset.decode(PercentEncoding.bytes(bytes, plusIsSpace: true) ?? Array(bytes))
        }
    }
}
