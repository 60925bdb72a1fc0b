// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile the project's sources to bundles, each file to a .so beside it.",
        discussion: """
            Files in actions/, tasks/, initializers/, middleware/, servers/ and commands/ are compiled when they, the \
            compiler or the SDK have changed. A running server is not affected until it gets USR2.
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
        let sources = try ProjectBuild.sources(paths, in: Project.root)
        guard !sources.isEmpty else {
            let folders = ProjectBuild.roles.map { "\($0.directory)/" }.joined(separator: ", ")
            Terminal.print("nothing to build: there are no .swift files in \(folders)")
            if prunes { try reportOrphans(prunes: true) }
            return
        }
        let builder = try await builder(mode)
        let succeeded = try await ProjectBuild(builder: builder, progress: BuildProgress()).run(sources)
        if paths.isEmpty || prunes { try reportOrphans(prunes: prunes && succeeded) }
        if !succeeded { throw ExitCode(1) }
    }

    private static func reportOrphans(prunes: Bool) throws {
        for orphan in try ProjectBuild.orphans(in: Project.root) {
            guard prunes else {
                Terminal.error(
                    "note: \(PlainText.line(orphan)) has no source any more but will still be loaded; delete it if it is gone for good, "
                        + "as --prune does")
                continue
            }
            guard unlink("\(Project.root)/\(orphan)") == 0 else {
                throw CommandFailure("cannot delete \(PlainText.line(orphan)): \(String(cString: strerror(errno)))")
            }
            Terminal.print("deleted \(PlainText.line(orphan))")
        }
    }

    static func builder(_ mode: BundleBuilder.Mode) async throws -> BundleBuilder {
        _ = try ModuleNames.prefix.get()
        let host = try HostInterface.current()
        return BundleBuilder(
            toolchain: try await Toolchain.find(host: host), host: host,
            layout: try InstallLayout.current(), projectRoot: Project.root, mode: mode)
    }
}
