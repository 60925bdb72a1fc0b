// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("generations that nobody needs are removed", .timeLimit(.minutes(10)))
struct GenerationPruningTests {
    private let project: TemporaryProject
    private let store: GenerationStore

    init() throws {
        project = try TemporaryProject()
        store = GenerationStore(projectRoot: project.root)
    }

    /// Freezes a generation with a bundle of its own.
    private func freeze(_ answer: Int) throws -> HeldGeneration {
        try project.stamp(SampleBundles.action("a", answer), to: "actions/a.so")
        return try store.freeze(ProjectBundles.collect(in: project.root), configuration: "", host: .test).generation
    }

    private func numbers() throws -> [Int] {
        try FileContents.list("\(project.root)/tmp/generations").compactMap { Int($0) }.sorted()
    }

    private func storedHashes() throws -> [String] { try FileContents.list("\(project.root)/tmp/generations/store") }

    @Test("the newest are kept, at least two, with their files")
    func newest() throws {
        for answer in 1...5 { _ = try freeze(answer) }
        try store.prune(keeping: 3)
        #expect(try numbers() == [3, 4, 5])
        try store.prune(keeping: 0)
        #expect(try numbers() == [4, 5])
        let files = try [4, 5].flatMap { try store.open($0).generation.files }
        #expect(try storedHashes() == files.map(\.sha256).sorted())
    }

    @Test("a generation in use keeps its files, and loses them when it is let go")
    func inUse() throws {
        var held: HeldGeneration? = try freeze(1)
        for answer in 2...4 { _ = try freeze(answer) }
        try store.prune(keeping: 2)
        #expect(try numbers() == [1, 3, 4])
        let path = try store.storePath(#require(held?.generation.files.first))
        #expect(FileContents.exists(path))
        held = nil
        // A program that some other test is just starting may have the lock for a moment longer.
        repeat { try store.prune(keeping: 2) } while try numbers() != [3, 4]
        #expect(!FileContents.exists(path))
    }

    @Test("gaps in the numbers do not count: the one before the newest stays")
    func gaps() throws {
        let first = try freeze(1)
        for answer in 2...4 { _ = try freeze(answer) }
        try store.prune(keeping: 2)
        _ = first
        // 1, 3 and 4 are left; an interrupted freeze takes 5.
        try FileContents.createDirectory("\(project.root)/tmp/generations/5")
        #expect(try freeze(6).generation.number == 6)
        try store.prune(keeping: 2)
        #expect(try numbers() == [1, 4, 6])
    }

    @Test("a file that two generations share stays as long as one of them does")
    func shared() throws {
        let common = try project.stamp(SampleBundles.action("common"), to: "actions/common.so")
        for answer in 1...4 { _ = try freeze(answer) }
        try store.prune(keeping: 2)
        #expect(try storedHashes().contains(SHA256.hexadecimal(common)) && storedHashes().count == 3)
    }

    @Test("a lock held by another process counts, and ends with that process however it ends")
    func otherProcess() throws {
        _ = try freeze(1)
        let lock = "\(project.root)/tmp/generations/1/lock"
        let holder = Process()
        let (input, output) = (Pipe(), Pipe())
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        holder.arguments = ["flock", "--shared", "--no-fork", lock, "sh", "-c", "echo held; read line"]
        (holder.standardInput, holder.standardOutput) = (input, output)
        try holder.run()
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
        for answer in 2...4 { _ = try freeze(answer) }
        try store.prune(keeping: 2)
        #expect(try numbers() == [1, 3, 4])
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        try store.prune(keeping: 2)
        #expect(try numbers() == [3, 4])
    }
}
