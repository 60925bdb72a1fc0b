// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroSystem
import Subprocess
import SystemPackage

/// The linker's command line for a shared object, with gaps for what is linked and where to.
///
/// Only clang knows where this distribution keeps the C library and its start files; but starting clang for each bundle
/// would take as long as linking it.
struct LinkLine: Sendable, Hashable {
    /// The linker and its arguments.
    let words: [String]

    private static let inputs = "@HERO-INPUTS@"
    private static let output = "@HERO-OUTPUT@"

    /// - Returns: Nothing when the words have no gaps or name a file that has gone: with an upgrade of the distribution,
    ///   for example.
    init?(words: [String]) {
        guard words.contains(Self.inputs), words.contains(Self.output),
            words.allSatisfy({ !$0.hasPrefix("/") || FileContents.exists($0) })
        else { return nil }
        self.words = words
    }

    /// Asks clang what it would run.
    ///
    /// - Throws: ``CommandFailure`` when clang cannot be run or answers something else.
    static func ask(clang: String, target: String) async throws -> LinkLine {
        let result = try await Subprocess.run(
            .path(FilePath(clang)),
            arguments: [
                "-###", "-shared", "-fuse-ld=lld", "--target=\(target)", "-Xlinker", "--build-id", "-Xlinker", inputs,
                "-o", output,
            ],
            output: .discarded, error: .string(limit: 1 << 20))
        let lines = result.standardError.split(separator: "\n")
        guard let line = lines.compactMap({ LinkLine(words: Self.words(of: $0)) }).first else {
            throw CommandFailure("\(clang) does not say how to link:\n\(result.standardError)")
        }
        return line
    }

    var linker: String { words.first ?? "" }

    /// - Parameters:
    ///   - files: Object files and flags, in the linker's own spelling.
    ///   - path: The shared object.
    /// - Returns: The arguments.
    func arguments(linking files: [String], to path: String) -> [String] {
        words.dropFirst().flatMap { word in
            switch word {
            case Self.inputs: files
            case Self.output: [path]
            default: [word]
            }
        }
    }

    /// The words of a line as clang prints it: each in quotation marks, in which a backslash protects what follows it.
    private static func words(of line: Substring) -> [String] {
        var words: [String] = []
        var word: String?
        var rest = line
        while let character = rest.popFirst() {
            switch (character, word) {
            case ("\"", let finished?):
                words.append(finished)
                word = nil
            case ("\"", nil): word = ""
            case ("\\", _): if let next = rest.popFirst() { word?.append(next) }
            default: word?.append(character)
            }
        }
        return words
    }
}
