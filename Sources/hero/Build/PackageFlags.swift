// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import Subprocess
import SystemPackage

/// Where the headers and libraries of C packages lie, as pkg-config knows it.
struct PackageFlags: Sendable {
    /// For clang: `-I` and `-D`.
    private(set) var compiler: [String] = []
    /// For the linker: `-L` and `-l`.
    private(set) var linker: [String] = []

    /// Nothing else counts of what pkg-config says: a project's file must not choose how the compiler works.
    mutating func add(_ words: [String]) {
        for word in words {
            if ["-I", "-D"].contains(where: { word.hasPrefix($0) }), !compiler.contains(word) { compiler.append(word) }
            if ["-L", "-l"].contains(where: { word.hasPrefix($0) }), !linker.contains(word) { linker.append(word) }
        }
    }

    /// - Parameter packages: Names of packages, by the file that names them.
    /// - Returns: The flags of all of them.
    /// - Throws: ``CommandFailure`` when pkg-config or a package is not there.
    static func ask(_ packages: [(file: String, names: [String])]) async throws -> PackageFlags {
        var flags = PackageFlags()
        for (file, names) in packages where !names.isEmpty { flags.add(try await words(names, file)) }
        return flags
    }

    private static func words(_ names: [String], _ file: String) async throws -> [String] {
        let list = names.joined(separator: ", ")
        guard let tool = Toolchain.locate("pkg-config") else {
            throw CommandFailure(
                "\(file) wants \(list), and pkg-config, which knows it, is not in PATH – install pkg-config")
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(tool.path)), arguments: Arguments(["--cflags", "--libs"] + names),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            guard result.terminationStatus.isSuccess else {
                throw CommandFailure(
                    """
                    \(file) wants \(list), which pkg-config does not find: install the package with its headers, \
                    whose name ends in -dev on Debian.
                    \(result.standardError)
                    """)
            }
            return split(result.standardOutput)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(file) wants \(list), and \(tool.path), which knows it, cannot be run: \(error)")
        }
    }

    /// Words as pkg-config prints them: a backslash protects what follows it.
    static func split(_ text: String) -> [String] {
        var (words, word): ([String], String?) = ([], nil)
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "\\" {
                word = (word ?? "") + (rest.popFirst().map(String.init) ?? "")
            } else if character.isWhitespace {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
