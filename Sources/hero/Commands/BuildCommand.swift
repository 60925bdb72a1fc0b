// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroRuntime
import HeroSystem

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile the project's sources to bundles, each file to a .so beside it.",
        discussion: """
            Sources in actions/, tasks/, initializers/, middleware/ and commands/ are compiled when they, the compiler, \
            the SDK or a library that they import have changed. Before them, the files of each lib/NAME/ \
            become the library lib/NAME.so. A running server is not affected until it gets USR2.
            """)

    @Argument(help: "Files or directories; everything when none is given.")
    var paths: [String] = []

    @Flag(help: "Optimize (the default) or compile for a debugger.")
    var mode: Mode = .release

    @Flag(help: "Delete bundles whose source has gone; without it they are pointed out, and still loaded.")
    var prune = false

    enum Mode: String, EnumerableFlag {
        case release
        case debug
    }

    func run() async throws {
        try await Self.build(paths, mode == .debug ? .debug : .release, prunes: prune)
    }

    /// - Parameters:
    ///   - paths: Files or directories; everything when there are none.
    ///   - mode: How to compile.
    ///   - prunes: Whether bundles are deleted that were built here and whose source has gone.
    /// - Throws: An exit code when something does not compile, ``CommandFailure`` otherwise.
    static func build(
        _ paths: [String] = [], _ mode: BundleBuilder.Mode = .release, prunes: Bool = false
    ) async throws {
        try Project.require()
        let sources = try ProjectSources(paths, in: Project.root)
        MisnamedSources.report(in: Project.root)
        for warning in MisspeltDirectories.warnings(in: Project.root) { Terminal.error("warning: \(warning)") }
        for stray in sources.libraries.strays {
            Terminal.error("note: \(PlainText.line(stray)) belongs to no library; put it into a directory of lib/")
        }
        guard !sources.isEmpty else {
            Terminal.print("nothing to build: there are no .swift files in \(ProjectSources.folders)")
            if prunes { try reportOrphans(sources, prunes: true) }
            return
        }
        var build = ProjectBuild(
            builder: try await BundleBuilder.make(mode, sources.libraries), progress: BuildProgress())
        let succeeded = try await build.run(sources)
        if paths.isEmpty || prunes {
            let hint = prunes && !succeeded ? "--prune has not deleted it, because the build has failed" : nil
            try reportOrphans(sources, prunes: prunes && succeeded, hint: hint)
        }
        if !succeeded { throw ExitCode(1) }
    }

    private static func reportOrphans(_ sources: ProjectSources, prunes: Bool, hint: String? = nil) throws {
        for orphan in try ProjectBuild.orphans(sources, in: Project.root) {
            guard prunes else {
                Terminal.error(
                    "note: \(PlainText.line(orphan)) has no source any more but will still be loaded; "
                        + (hint ?? "delete it if it is gone for good, as --prune does"))
                continue
            }
            var trust = ProjectTrust(root: Project.root)
            try trust.check([orphan])
            guard unlink("\(Project.root)/\(orphan)") == 0 else {
                throw CommandFailure("cannot delete \(PlainText.line(orphan)): \(String(cString: strerror(errno)))")
            }
            Terminal.print("deleted \(PlainText.line(orphan))")
        }
    }
}
