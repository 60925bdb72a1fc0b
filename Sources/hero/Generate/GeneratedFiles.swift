// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import HeroBundles
import HeroSystem

/// What all that generates understands.
struct GenerateFlags: ParsableArguments {
    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @Flag(
        help: """
            Replace files that exist; for a project, write what is missing into a directory that has other files.
            """)
    var force = false
}

/// Writes generated files below a directory, and says so.
struct GeneratedFiles {
    let root: String
    let isDryRun: Bool

    /// Refuses directories of other users: a file that is written below one is theirs, and their link leads wherever
    /// they want.
    ///
    /// - Throws: `UntrustedProject`.
    func checkOwners(of paths: [String]) throws {
        let place = root.hasPrefix("/") ? root : "\(Project.workingDirectory)/\(root)"
        var trust = ProjectTrust(root: place)
        try trust.check(paths)
    }

    /// A link counts, wherever it leads: writing through it would change another file.
    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat("\(root)/\(path)", &status) == 0
    }

    /// - Throws: `FileError`.
    func write(_ path: String, _ contents: some Sequence<UInt8>) throws {
        let verb = exists(path) ? "replace" : "write"
        if isDryRun {
            Terminal.print("would \(verb) file '\(path)'")
            return
        }
        if let slash = path.lastIndex(of: "/") { try FileContents.createDirectory("\(root)/\(path[..<slash])") }
        try FileContents.replace("\(root)/\(path)", with: contents, mode: 0o644)
        Terminal.print("\(verb == "write" ? "wrote" : "replaced") file '\(path)'")
    }

    /// - Throws: `FileError`.
    func createDirectory(_ path: String) throws {
        guard !exists(path) else { return }
        if isDryRun {
            Terminal.print("would create directory '\(path)'")
        } else {
            // What clients send stands in the log.
            try FileContents.createDirectory("\(root)/\(path)", mode: path == "log" ? 0o750 : 0o755)
            Terminal.print("created directory '\(path)'")
        }
    }
}
