// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import Subprocess
import SystemPackage

/// The Swift toolchain that compiles bundles.
struct Toolchain: Sendable {
    /// `usr` of the toolchain.
    let root: String
    /// `6.3.1 (swift-6.3.1-RELEASE)`.
    let version: String

    var frontend: String { "\(root)/bin/swift-frontend" }
    var clang: String { "\(root)/bin/clang" }
    var libraries: String { "\(root)/lib/swift/linux" }

    /// Finds `swiftc` and makes sure that its bundles will fit this host.
    ///
    /// - Parameters:
    ///   - host: The host that is to load the bundles.
    ///   - cacheDirectory: Where the version is remembered: asking the compiler takes longer than half a build.
    /// - Returns: The compiler.
    /// - Throws: ``CommandFailure`` when there is none or it is another version than the host's.
    static func find(host: HostInterface, cacheDirectory: String) async throws -> Toolchain {
        guard let compiler = locate() else {
            throw CommandFailure(
                """
                hero build needs the Swift compiler (swiftc \(host.swift)), which is not in PATH.
                Install that version from https://www.swift.org/install, or build the bundles on a machine that has it \
                and copy the .so files here.
                """)
        }
        let root = compiler.real.split(separator: "/").dropLast(2).joined(separator: "/")
        let version = try await version(of: compiler.path, cacheDirectory: cacheDirectory)
        guard version == host.swift else {
            throw CommandFailure(
                """
                this hero loads bundles of Swift \(host.swift), but \(compiler.path) is Swift \(version).
                Put the right swiftc first in PATH, or install a hero that was built with yours.
                """)
        }
        return Toolchain(root: "/\(root)", version: version)
    }

    /// - Returns: The path to run, because the driver behaves by its name, and where it really lies: beside the frontend.
    private static func locate() -> (path: String, real: String)? {
        let path = Project.environment["PATH"] ?? ""
        for directory in path.split(separator: ":") {
            let candidate = "\(directory)/swiftc"
            guard access(candidate, X_OK) == 0, let real = realpath(candidate, nil) else { continue }
            defer { free(real) }
            return (candidate, String(cString: real))
        }
        return nil
    }

    private static func version(of compiler: String, cacheDirectory: String) async throws -> String {
        var status = stat()
        guard stat(compiler, &status) == 0 else { throw CommandFailure("cannot read \(compiler)") }
        let key = "\(compiler) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec) \(status.st_ino)"
        let cache = "\(cacheDirectory)/toolchain"
        if let known = try? String(decoding: FileContents.read(cache), as: UTF8.self).split(separator: "\n"),
            known.count == 2, known[0] == key
        {
            return String(known[1])
        }
        let result = try await Subprocess.run(
            .path(FilePath(compiler)), arguments: ["--version"], output: .string(limit: 1 << 16), error: .discarded)
        let version = CompilerVersion.short(result.standardOutput)
        try FileContents.createDirectory(cacheDirectory)
        try FileContents.replace(cache, with: "\(key)\n\(version)".utf8, mode: 0o644)
        return version
    }
}
