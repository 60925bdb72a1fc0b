// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroCore

struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Look into bundles without running them.",
        subcommands: [Inspect.self, Check.self, Stamp.self])

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "Print what a bundle says about itself and what its file needs.")

        @Argument(help: "A shared library.") var file: String
        @Flag(help: "Print a JSON object.") var json = false

        func run() throws {
            let inspection = try BundleInspection(contents: FileContents.read(file), path: file)
            print(json ? inspection.json.text(indent: 2) : inspection.text)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say whether this host would load bundles; nothing of them is run.",
            discussion: "Without files it checks all bundles of the project. Ends with status 1 when one is refused.")

        @Argument(help: "Shared libraries.") var files: [String] = []
        @Flag(help: "Print a JSON array of problems.") var json = false

        func run() throws {
            let verdict = try files.isEmpty ? Self.checkProject() : Self.check(files)
            for warning in verdict.warnings { Terminal.error("warning: \(warning)") }
            if json {
                print(try JSON(verdict.problems).text(indent: 2))
            } else {
                for path in verdict.fitting { print("\(path): fits") }
                for problem in verdict.problems { print(problem) }
            }
            if !verdict.problems.isEmpty { throw ExitCode(1) }
        }

        private typealias Verdict = (fitting: [String], problems: [BundleProblem], warnings: [String])

        private static func checkProject() throws -> Verdict {
            let candidates = try ProjectBundles.collect(in: Project.root)
            return GenerationStore(projectRoot: Project.root).check(candidates, host: try HostInterface.current())
        }

        /// Files may need the project's application library, wherever they lie.
        private static func check(_ files: [String]) throws -> Verdict {
            let libraries = try BundleCandidate.collect(in: Project.root, roles: [.library]).map { candidate in
                BundleCandidate(role: .library, path: "\(Project.root)/\(candidate.path)")
            }
            let bundles = files.map { BundleCandidate(role: .action, path: $0) }
            var verdict = GenerationStore(projectRoot: Project.workingDirectory).check(
                libraries + bundles, host: try HostInterface.current())
            verdict.fitting.removeAll { path in libraries.contains { $0.path == path } }
            return verdict
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
        @Option(help: "The Swift module's name. Default: the file's.") var module: String?
        @Flag(help: ArgumentHelp("Describe a hero executable.", visibility: .hidden)) var host = false
        @Option(help: ArgumentHelp("The SDK's interface.", visibility: .hidden)) var interface: String?
        @Flag(help: "Print the note as JSON.") var json = false

        func run() throws {
            let stem = String(file.split(separator: "/").last?.split(separator: ".").first ?? "bundle")
            let manifest: BundleManifest
            if host {
                manifest = try BundleStamp.hostManifest(interface: interface ?? InstallLayout.current().interface)
            } else {
                manifest = try BundleStamp.manifest(
                    kind: kind == .c ? .c : .swift, name: name ?? stem, version: bundleVersion, module: module ?? stem,
                    host: HostInterface.current())
            }
            try BundleStamp.stamp(file, manifest)
            if json { print(try JSON(manifest).text(indent: 2)) }
        }
    }
}
