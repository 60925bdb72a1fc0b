// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import HeroSystem

/// A processor architecture by its ELF number.
package struct Machine: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    static let amd64 = Machine(rawValue: 62)
    static let aarch64 = Machine(rawValue: 183)

    package var description: String {
        switch self {
        case .amd64: "x86_64"
        case .aarch64: "aarch64"
        default: "machine \(rawValue)"
        }
    }
}
