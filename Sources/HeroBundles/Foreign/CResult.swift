// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc

/// What a C function returned.
struct CResult {
    /// The return register as libffi stored it.
    let slot: UInt64
    /// `nil` for `void`.
    let type: CValueType?

    /// The text that was returned, owned by whoever the function's documentation says; `nil` for other types and NULL.
    var pointer: UnsafeMutableRawPointer? {
        type?.isPointer == true ? UnsafeMutableRawPointer(bitPattern: UInt(slot)) : nil
    }

    /// A copy of the result; `nil` for `void`.
    ///
    /// - Throws: ``CResultError`` when text is not UTF-8 or not JSON.
    var json: JSON? {
        get throws {
            switch type {
            case nil: nil
            case .boolean: .bool(UInt8(truncatingIfNeeded: slot) != 0)
            case .int32: .integer(Int(Int32(truncatingIfNeeded: slot)))
            case .uint32: .integer(Int(UInt32(truncatingIfNeeded: slot)))
            case .int64: .integer(Int(Int64(bitPattern: slot)))
            case .double: .number(Double(bitPattern: slot))
            case .text: try text.map { .string($0) } ?? .null
            case .json: try parsed ?? .null
            }
        }
    }

    private var bytes: UnsafeRawBufferPointer? {
        pointer.map { UnsafeRawBufferPointer(start: $0, count: strlen($0.assumingMemoryBound(to: CChar.self))) }
    }

    private var text: String? {
        get throws {
            guard let bytes else { return nil }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CResultError(description: "the C function returned text that is not UTF-8")
            }
            return text
        }
    }

    private var parsed: JSON? {
        get throws {
            guard let bytes else { return nil }
            do {
                return try JSON(parsing: bytes)
            } catch {
                throw CResultError(description: "the C function returned text that is not JSON: \(error)")
            }
        }
    }
}
