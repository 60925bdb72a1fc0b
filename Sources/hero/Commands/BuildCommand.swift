// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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

    enum Mode: String, EnumerableFlag {
        case release
        case debug
    }

    func run() async throws {
        try await Self.build(paths, mode == .debug ? .debug : .release)
    }

    /// - Parameters:
    ///   - paths: Files or directories; everything when there are none.
    ///   - mode: How to compile.
    /// - Throws: An exit code when something does not compile, ``CommandFailure`` otherwise.
    static func build(_ paths: [String] = [], _ mode: BundleBuilder.Mode = .release) async throws {
        let sources = try ProjectBuild.sources(paths, in: Project.root)
        guard !sources.isEmpty else {
            let folders = ProjectBuild.roles.map { "\($0.directory)/" }.joined(separator: ", ")
            print("nothing to build: there are no .swift files in \(folders)")
            return
        }
        let builder = try await builder(mode)
        let succeeded = try await ProjectBuild(builder: builder, progress: BuildProgress()).run(sources)
        if paths.isEmpty {
            for orphan in try ProjectBuild.orphans(in: Project.root) {
                Terminal.error(
                    "note: \(orphan) has no source any more but will still be loaded; delete it if it is gone for good")
            }
        }
        if !succeeded { throw ExitCode(1) }
    }

    static func builder(_ mode: BundleBuilder.Mode) async throws -> BundleBuilder {
        _ = try ModuleNames.prefix.get()
        let host = try HostInterface.current()
        return BundleBuilder(
            toolchain: try await Toolchain.find(host: host, cacheDirectory: "\(Project.root)/tmp/build"), host: host,
            layout: try InstallLayout.current(), projectRoot: Project.root, mode: mode)
    }
}
