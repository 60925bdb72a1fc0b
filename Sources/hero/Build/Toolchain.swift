// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroSystem
import Subprocess
import SystemPackage

/// The Swift toolchain that compiles bundles.
struct Toolchain: Sendable {
    /// `usr` of the toolchain.
    let root: String
    /// `6.3.1 (swift-6.3.1-RELEASE)`.
    let version: String
    let linkLine: LinkLine

    var frontend: String { "\(root)/bin/swift-frontend" }
    var libraries: String { "\(root)/lib/swift/linux" }

    /// Finds `swiftc` and makes sure that its bundles will fit this host.
    ///
    /// Its answers are remembered with the user, not in the project, whose files must not say which linker to run: asking
    /// the compiler takes longer than half a build.
    ///
    /// - Parameter host: The host that is to load the bundles.
    /// - Returns: The compiler.
    /// - Throws: ``CommandFailure`` when there is none or it is another version than the host's.
    static func find(host: HostInterface) async throws -> Toolchain {
        guard let compiler = locate("swiftc") else {
            throw CommandFailure(
                """
                hero build needs the Swift compiler (swiftc \(host.swift)), which is not in PATH.
                Install that version from https://www.swift.org/install, or build the bundles on a machine that has it \
                and copy the .so files here.
                """)
        }
        let root = "/" + compiler.real.split(separator: "/").dropLast(2).joined(separator: "/")
        let key = try "\(identity(of: compiler.path)) \(host.target)"
        // Each compiler has a file of its own: who goes to and fro between two asks each of them once.
        let cache = "toolchain-\(SHA256.hexadecimal(Array(compiler.path.utf8)).prefix(16))"
        if let known = remembered(in: cache, key), known.version == host.swift {
            return Toolchain(root: root, version: known.version, linkLine: known.linkLine)
        }
        let version = try await version(of: compiler.path)
        guard version == host.swift else {
            throw CommandFailure(
                """
                this hero loads bundles of Swift \(host.swift), but \(compiler.path) is Swift \(version).
                Put the right swiftc first in PATH, or install a hero that was built with yours.
                """)
        }
        let linkLine = try await LinkLine.ask(clang: "\(root)/bin/clang", target: host.target)
        UserDirectory.remember(([key, version] + linkLine.words).joined(separator: "\n"), as: cache)
        return Toolchain(root: root, version: version, linkLine: linkLine)
    }

    /// What the toolchain answered when it was asked last, if it is still the same.
    private static func remembered(in cache: String, _ key: String) -> (version: String, linkLine: LinkLine)? {
        guard let text = UserDirectory.remembered(cache) else { return nil }
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count > 2, lines[0] == key, let linkLine = LinkLine(words: Array(lines[2...])) else { return nil }
        return (lines[1], linkLine)
    }

    /// - Returns: The path to run, because the driver behaves by its name, and where it really lies: beside the frontend.
    static func locate(_ program: String) -> (path: String, real: String)? {
        let path = Project.environment["PATH"] ?? ""
        // An entry that is no absolute path means another program in each directory.
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(program)"
            guard access(candidate, X_OK) == 0, let real = realpath(candidate, nil) else { continue }
            defer { free(real) }
            return (candidate, String(cString: real))
        }
        return nil
    }

    /// Changes when another compiler takes the path's place.
    private static func identity(of compiler: String) throws -> String {
        var status = stat()
        guard stat(compiler, &status) == 0 else { throw CommandFailure("cannot read \(compiler)") }
        return "\(compiler) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec) \(status.st_ino)"
    }

    private static func version(of compiler: String) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(compiler)), arguments: ["--version"], output: .string(limit: 1 << 16), error: .discarded)
        return CompilerVersion.short(result.standardOutput)
    }
}
