// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("which files of a project are bundles")
struct BundleCollectionTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    private func place(_ paths: String...) throws {
        for path in paths {
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            try FileContents.createDirectory("\(project.root)/\(directory)")
            try project.write("x", to: path)
        }
    }

    private func collected() throws -> [String] { try BundleCandidate.collect(in: project.root).map(\.path) }

    private func link(_ target: String, _ path: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(project.root)/\(path)", withDestinationPath: target)
    }

    @Test("shared objects in each role's directory, by role and then by path")
    func order() throws {
        try place(
            "actions/b.so", "actions/a.so", "middleware/m.so", "initializers/z.so", "lib/libApp.so", "commands/c.so",
            "servers/s.so", "tasks/t.so")
        #expect(
            try collected() == [
                "lib/libApp.so", "initializers/z.so", "middleware/m.so", "actions/a.so", "actions/b.so", "tasks/t.so",
                "servers/s.so", "commands/c.so",
            ])
    }

    @Test("sub-directories count, however deep")
    func subdirectories() throws {
        try place("actions/b.so", "actions/billing/invoices/create.so", "actions/billing/list.so")
        #expect(try collected() == ["actions/b.so", "actions/billing/invoices/create.so", "actions/billing/list.so"])
    }

    @Test("sources, other files and everything hidden are passed over")
    func others() throws {
        try place(
            "actions/a.swift", "actions/a.so.bak", "actions/.hidden.so", "actions/.git/x.so", "actions/README.md",
            "x.so", "config/y.so", "public/z.so", "actions/so", "actions/a.so.123.tmp")
        #expect(try collected() == [])
    }

    @Test("a project without any of the directories has no bundles")
    func none() throws {
        try FileManager.default.removeItem(atPath: "\(project.root)/actions")
        #expect(try collected() == [])
    }

    @Test("links to files and directories are followed")
    func links() throws {
        try place("shared/tools/t.so")
        try link("../shared/tools/t.so", "actions/linked.so")
        try link("../shared/tools", "actions/tools")
        #expect(try collected() == ["actions/linked.so", "actions/tools/t.so"])
    }

    @Test("a link that leads back is followed no second time")
    func cycles() throws {
        try place("actions/sub/a.so")
        try link(".", "actions/self")
        try link("..", "actions/up")
        try link("/", "actions/everything")
        try link("../../actions", "actions/sub/back")
        #expect(try collected() == ["actions/sub/a.so"])
    }

    @Test("what cannot be read is refused with its name: a dangling link, a named pipe")
    func unreadable() throws {
        try link("nowhere", "actions/gone.so")
        #expect(mkfifo("\(project.root)/actions/pipe.so", 0o644) == 0)
        let refused = #expect(throws: BundlesRefused.self) { try project.load() }
        let problems = refused?.problems.map(\.description) ?? []
        #expect(
            problems == [
                "HB102 cannot open \(project.root)/actions/gone.so: No such file or directory – it may be a link to what is not "
                    + "there: put the bundle there, or take it away",
                "HB102 cannot read \(project.root)/actions/pipe.so: it is a named pipe, and no file – put the bundle there, or "
                    + "take it away",
            ])
    }

    @Test("a file where a directory should be is an error with its path")
    func fileForDirectory() throws {
        try place("tasks")
        let error = #expect(throws: FileError.self) { try collected() }
        #expect(error?.description == "cannot list \(project.root)/tasks: Not a directory")
    }

    @Test("a library that a foreign action names is no bundle")
    func foreignLibrary() throws {
        try place("actions/tools/libtools.so", "actions/a.so")
        try project.write("library: actions/tools/libtools.so\nsymbol: f\n", to: "actions/f.foreign.yml")
        #expect(
            try ProjectBundles.collect(in: project.root).map(\.path) == ["actions/a.so", "actions/f.foreign.yml"])
    }
}
