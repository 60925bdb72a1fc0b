// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import CFFI
internal import CHero

/// What a parameter or result of a C function is.
package enum CValueType: String, Sendable, Hashable, Codable, CaseIterable {
    /// `bool`.
    case boolean
    /// `int32_t`, which is `int` here. Not in the table of a bundle, whose author chooses the types.
    case int32
    /// `uint32_t`, which is `unsigned int` here. Not in the table of a bundle.
    case uint32
    /// `int64_t`.
    case int64
    case double
    /// `const char *` with UTF-8.
    case text
    /// `const char *` with JSON.
    case json

    /// The constants of `hero_bundle.h`, without the one for nothing.
    private static let inTable: [hero_type: CValueType] = [
        hero_type(HERO_TYPE_BOOLEAN): .boolean, hero_type(HERO_TYPE_INTEGER): .int64,
        hero_type(HERO_TYPE_DOUBLE): .double, hero_type(HERO_TYPE_TEXT): .text, hero_type(HERO_TYPE_JSON): .json,
    ]

    /// - Parameter constant: A type in a bundle's table; `nil` for nothing and for unknown ones.
    init?(constant: hero_type) {
        guard let type = Self.inTable[constant] else { return nil }
        self = type
    }

    /// Whether C has a value that says that there is none: NULL.
    var isPointer: Bool { self == .text || self == .json }

    /// What the type is to the validation of inputs.
    package var inputKind: DynamicInput.Kind {
        switch self {
        case .boolean: .boolean
        case .int32: .int32
        case .uint32: .uint32
        case .int64: .integer
        case .double: .number
        case .text: .text
        case .json: .json
        }
    }

    var ffiType: UnsafeMutablePointer<ffi_type>? {
        switch self {
        case .boolean: hero_ffi_uint8()
        case .int32: hero_ffi_sint32()
        case .uint32: hero_ffi_uint32()
        case .int64: hero_ffi_sint64()
        case .double: hero_ffi_double()
        case .text, .json: hero_ffi_pointer()
        }
    }
}
