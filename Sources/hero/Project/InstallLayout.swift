// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroBundles

/// Where the parts of an installation lie, relative to the executable, so that the tree can be moved anywhere.
///
///     bin/hero
///     lib/hero/sdk/                the SDK's module, its interface and the C header
///     lib/swift/linux/             Swift's runtime libraries
///     share/hero/templates/        what `hero generate` copies
struct InstallLayout {
    let executable: String
    private let prefix: String

    /// - Throws: ``CommandFailure`` when the executable's own path cannot be read.
    static func current() throws -> InstallLayout {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink("/proc/self/exe", $0, text.count) } ?? -1
            }
        }
        guard count > 0 else { throw CommandFailure("cannot read /proc/self/exe: is /proc mounted?") }
        var path = String(decoding: buffer[..<count], as: UTF8.self)
        // The file was replaced while this process ran, by an upgrade.
        if path.hasSuffix(" (deleted)") { path.removeLast(" (deleted)".count) }
        return InstallLayout(executable: path)
    }

    private init(executable: String) {
        self.executable = executable
        let parts = executable.split(separator: "/")
        prefix = "/" + parts.dropLast(2).joined(separator: "/")
    }

    var sdk: String { "\(prefix)/lib/hero/sdk" }
    var interface: String { "\(sdk)/ActionHero.swiftinterface" }
    var templates: String { "\(prefix)/share/hero/templates" }
}

/// A command cannot do what it was asked for.
///
/// The message is all that the user sees.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    /// What the process ends with.
    let exitCode: Int32

    /// Words or flags that mean nothing (EX_USAGE); what the argument parser ends with for its own.
    static let usageExitCode: Int32 = 64

    init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }
}
