// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The digest of an upload that arrives in pieces, by the algorithm of the configuration.
enum StreamDigest {
    case sha1(SHA1.Running)
    case sha256(SHA256.Running)

    init(_ algorithm: FormOptions.HashAlgorithm) {
        switch algorithm {
        case .sha1: self = .sha1(SHA1.Running())
        case .sha256: self = .sha256(SHA256.Running())
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .sha1(var running):
            running.update(bytes)
            self = .sha1(running)
        case .sha256(var running):
            running.update(bytes)
            self = .sha256(running)
        }
    }

    /// - Returns: In hexadecimal digits.
    func finish() -> String {
        switch self {
        case .sha1(var running): running.hexadecimal()
        case .sha256(var running): running.hexadecimal()
        }
    }
}
