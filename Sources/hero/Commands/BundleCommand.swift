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
            let host = try HostInterface.current()
            var problems: [BundleProblem] = []
            let candidates =
                files.isEmpty
                ? try ProjectBundles.collect(in: Project.root) : files.map { BundleCandidate(role: .action, path: $0) }
            let root = files.isEmpty ? "\(Project.root)/" : ""
            for candidate in candidates {
                do {
                    try Self.check(candidate, root: root, host)
                    if !json { print("\(candidate.path): fits") }
                } catch let refused as BundlesRefused {
                    problems += refused.problems
                } catch let problem as BundleProblem {
                    problems.append(problem)
                }
            }
            if json {
                print(try JSON(problems).text(indent: 2))
            } else {
                for problem in problems { print(problem) }
            }
            if !problems.isEmpty { throw ExitCode(1) }
        }

        private static func check(_ candidate: BundleCandidate, root: String, _ host: HostInterface) throws {
            guard let definition = try candidate.foreign?.get() else {
                let contents = try FileContents.read(root + candidate.path)
                let (_, warnings) = try BundleFile.check(contents, path: candidate.path, host: host)
                for warning in warnings { Terminal.error("warning: \(warning)") }
                return
            }
            let path = definition.library.hasPrefix("/") ? definition.library : root + definition.library
            try ForeignCheck.check(
                definition, path: candidate.path, contents: definition.isFile ? FileContents.read(path) : nil,
                host: host)
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
