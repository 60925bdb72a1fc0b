// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles

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
            let paths = files.isEmpty ? try BundleCandidate.collect(in: Project.root).map(\.path) : files
            let root = files.isEmpty ? "\(Project.root)/" : ""
            for path in paths {
                do {
                    let (_, warnings) = try BundleFile.check(FileContents.read(root + path), path: path, host: host)
                    for warning in warnings { Terminal.error("warning: \(warning)") }
                    if !json { print("\(path): fits") }
                } catch let refused as BundlesRefused {
                    problems += refused.problems
                }
            }
            if json {
                print(try JSON(problems).text(indent: 2))
            } else {
                for problem in problems { print(problem) }
            }
            if !problems.isEmpty { throw ExitCode(1) }
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
