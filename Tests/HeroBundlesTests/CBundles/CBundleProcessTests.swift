// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import Testing

@testable import HeroSystem

/// Set by `make test` to an installed tree.
private let stage = ProcessInfo.processInfo.environment["HERO_TEST_STAGE"]

@Suite("the installed hero stamps, checks, lists and runs actions in C", .enabled(if: stage != nil))
struct CBundleProcessTests {
    private let project: TemporaryProject

    init() throws {
        project = try TemporaryProject()
        try project.compile(AuthorsPage.block("c"), to: "actions/greeting.so")
        try project.write(AuthorsPage.block("yaml"), to: "actions/power.foreign.yml")
    }

    private func hero(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(stage ?? "")/bin/hero")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: project.root)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    @Test("the header that is installed is the one that was tested")
    func header() throws {
        let installed = try FileContents.read("\(stage ?? "")/lib/hero/sdk/hero_bundle.h")
        #expect(try installed == FileContents.read("\(CCompiler.include)/hero_bundle.h"))
    }

    @Test("a library becomes a bundle by its stamp")
    func stamp() throws {
        #expect(try hero("bundle", "check").status == 1)
        #expect(try hero("bundle", "stamp", "--kind", "c", "actions/greeting.so").status == 0)
        let check = try hero("bundle", "check")
        #expect(check.status == 0 && check.output == "actions/greeting.so: fits\nactions/power.foreign.yml: fits\n")
        let inspection = try JSON(parsing: hero("bundle", "inspect", "--json", "actions/greeting.so").output)
        #expect(inspection["note"]?["kind"] == "c" && inspection["note"]?["swift"] == nil)

        let list = try JSON(parsing: hero("actions", "list", "--json").output)
        #expect(list.arrayValue?.map { $0["name"] } == ["divide", "greet", "mean", "power"])
        let greeting = try hero("action", "greet", "--name", "Ada", "--times", "2", "--loud")
        #expect(greeting.status == 0)
        #expect(try JSON(parsing: greeting.output) == ["result": "HELLO, Ada! HELLO, Ada!"])
        #expect(try JSON(parsing: hero("action", "power", "--base", "3").output) == ["result": 9])
        #expect(try hero("action", "divide", "--dividend", "1", "--divisor", "0").status == 1)
    }
}
