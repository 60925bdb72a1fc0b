// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroSystem

struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Look into bundles without running them.",
        subcommands: [Inspect.self, Check.self, Stamp.self, Describe.self])

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "Print what a bundle says about itself and what its file needs.")

        @Argument(help: "A shared library.") var file: String
        @Flag(help: "Print a JSON object.") var json = false

        func run() throws {
            let contents = try BundleFile.read(file, maximumSize: BundleCommand.limit())
            let inspection = try BundleInspection(contents: contents, path: file)
            if json { Terminal.print(inspection.json) } else { Terminal.print(inspection.text) }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say whether this host would load bundles; nothing of them is run.",
            discussion: "Without files it checks all bundles of the project. Ends with status 1 when one is refused.")

        @Argument(help: "Shared libraries.") var files: [String] = []
        @Flag(help: "Print a JSON array of problems.") var json = false

        func run() throws {
            let maximumSize = BundleCommand.limit()
            let verdict = try files.isEmpty ? Self.checkProject(maximumSize) : Self.check(files, maximumSize)
            for warning in verdict.warnings { Terminal.error("warning: \(warning)") }
            if json {
                Terminal.print(try JSON(verdict.problems))
            } else {
                for path in verdict.fitting { Terminal.print("\(PlainText.line(path)): fits") }
                for problem in verdict.problems { Terminal.print("\(problem)") }
            }
            if !verdict.problems.isEmpty { throw ExitCode(1) }
        }

        private typealias Verdict = (fitting: [String], problems: [BundleProblem], warnings: [String])

        private static func checkProject(_ maximumSize: Int) throws -> Verdict {
            let candidates = try ProjectBundles.collect(in: Project.root)
            var verdict = GenerationStore(projectRoot: Project.root, maximumSize: maximumSize).check(
                candidates, host: try HostInterface.current())
            verdict.warnings += MisspeltDirectories.warnings(in: Project.root)
            return verdict
        }

        /// Files may need the project's libraries, wherever they lie, and may be such libraries themselves.
        private static func check(_ files: [String], _ maximumSize: Int) throws -> Verdict {
            let libraries = try BundleCandidate.collect(in: Project.root, roles: [.library]).map { candidate in
                BundleCandidate(role: .library, path: "\(Project.root)/\(candidate.path)")
            }
            // By the real path: a project may be named in several ways.
            let names = Dictionary(files.map { (real($0), $0) }) { first, _ in first }
            let bundles = files.filter { file in !libraries.contains { real($0.path) == real(file) } }.map {
                BundleCandidate(role: .action, path: $0)
            }
            var verdict = GenerationStore(projectRoot: Project.workingDirectory, maximumSize: maximumSize).check(
                libraries + bundles, host: try HostInterface.current())
            verdict.fitting = verdict.fitting.compactMap { names[real($0)] }
            return verdict
        }

        private static func real(_ file: String) -> String {
            guard let path = realpath(file, nil) else { return file }
            defer { free(path) }
            return String(cString: path)
        }
    }

    struct Stamp: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stamp", abstract: "Add the note to a library that was linked by hand.",
            discussion: """
                A Swift library must have been compiled by this host's compiler against this host's SDK, a C library with \
                this host's hero_bundle.h.
                """)

        enum Kind: String, ExpressibleByArgument, CaseIterable {
            case swift
            case c
        }

        @Argument(help: "A shared library.") var file: String
        @Option(help: "What it was written in: types of the SDK, or the table of hero_bundle.h.") var kind = Kind.swift
        @Option(help: "The bundle's name. Default: the file's.") var name: String?
        @Option(help: "The bundle's version.") var bundleVersion = "0.0.0"
        @Option(help: "The Swift module's name. Default: what the file says, or else its name.") var module: String?
        @Flag(help: "Stamp it even if it does not look like a bundle, or lies outside of the project.")
        var force = false
        @Flag(help: "Load the library, once, to note which commands it has; hero help shows only what is noted.")
        var commands = false
        @Flag(help: ArgumentHelp("Describe a hero executable.", visibility: .hidden)) var host = false
        @Option(help: ArgumentHelp("The SDK's interface.", visibility: .hidden)) var interface: String?
        @Flag(help: "Print the note as JSON.") var json = false

        func run() throws {
            let maximumSize = BundleCommand.limit()
            let kind: BundleManifest.Kind = host ? .host : kind == .c ? .c : .swift
            if !force { try checkPlace() }
            // The installation's own program is no project's.
            if !host { try Project.checkOwners(of: [file]) }
            let (contents, modules) = try BundleStamp.read(file, kind: kind, isForced: force, maximumSize: maximumSize)
            var manifest =
                host
                ? try BundleStamp.hostManifest(interface: interface ?? InstallLayout.current().interface)
                : try self.manifest(kind, modules)
            if commands { manifest.commands = try CommandDescription.read(file, libraries: []) }
            try BundleStamp.write(contents, to: file, manifest)
            if json { Terminal.print(try JSON(manifest)) }
        }

        private func manifest(_ kind: BundleManifest.Kind, _ modules: [String]) throws -> BundleManifest {
            let stem = String(file.split(separator: "/").last?.split(separator: ".").first ?? "bundle")
            if kind == .swift, let module, !modules.isEmpty, !modules.contains(module) {
                throw CommandFailure(
                    """
                    the types of \(file) belong to the module \(modules.joined(separator: ", ")), whatever its note says.
                    To give it another name compile it with -module-name \(module).
                    """)
            }
            return BundleStamp.manifest(
                kind: kind, name: name ?? stem, version: bundleVersion, module: module ?? modules.first ?? stem,
                host: try HostInterface.current())
        }

        /// A library elsewhere may be used by all programs of the machine.
        private func checkPlace() throws {
            let slash = file.lastIndex(of: "/")
            let directory = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
            guard let place = resolved(directory) else { return }
            for root in [Project.workingDirectory, Project.root].compactMap(resolved) where root != "/" {
                if place == root || place.hasPrefix(root + "/") { return }
            }
            throw CommandFailure(
                "\(file) lies outside of this directory and of the project – --force stamps it all the same")
        }

        /// - Returns: Nothing for a directory that is not there, which reading the file will tell.
        private func resolved(_ directory: String) -> String? {
            guard let path = realpath(directory, nil) else { return nil }
            defer { free(path) }
            return String(cString: path)
        }
    }

    /// What `hero build` runs as a child: loading a library runs its constructors, which may do anything to the process.
    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "describe", abstract: "Write down which commands a library has.", shouldDisplay: false)

        @Argument(help: "A shared library.") var file: String
        @Argument(help: "The application library's files.") var libraries: [String] = []
        @Option(help: "Where to write them, as JSON.") var output: String

        func run() throws {
            // The builder waits for this process.
            alarm(CommandDescription.limitSeconds)
            try Project.checkOwners(of: [file, output] + libraries)
            let commands = try CommandDescription.read(file, libraries: libraries)
            try FileContents.replace(output, with: JSON(commands).description.utf8, mode: 0o600)
        }
    }

    /// Limits what this process may take, as the project's configuration says or, when that cannot be used, the defaults:
    /// the files may be anybody's.
    ///
    /// - Returns: The size of the largest file that may be read; bytes.
    private static func limit() -> Int {
        let limits = ProcessLimits.begin { reason in
            Terminal.error("Error: \(reason)")
            _exit(1)
        }
        var loader = ConfigurationLoader(projectRoot: Project.root, environment: Project.environment)
        guard let configuration = try? loader.load(),
            let settings = try? configuration.decode(GeneralConfiguration.self, "general").bundles
        else { return BundleFile.maximumSize }
        limits.set(memoryBytes: settings.checkMemory, milliseconds: settings.checkTimeout)
        return settings.maximumSize
    }
}
