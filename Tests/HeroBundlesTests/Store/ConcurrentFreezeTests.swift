// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("several may use one store at once")
struct ConcurrentFreezeTests {
    private let project: TemporaryProject

    init() throws {
        project = try TemporaryProject()
        for name in ["a", "b", "c"] { try project.stamp(SampleBundles.action(name), to: "actions/\(name).so") }
    }

    @Test("all get the same generation, and none sees a half of it")
    func threads() async throws {
        let root = project.root
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let held = try TemporaryProject.freeze(root)
                    for file in held.generation.files {
                        #expect(try SHA256.hexadecimal(FileContents.read(held.store.storePath(file))) == file.sha256)
                    }
                    return held.generation.number
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers == Array(repeating: 1, count: 8))
    }

    @Test("freezing, opening and pruning at once never lose a file that is in use")
    func mixed() async throws {
        let root = project.root
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    let store = GenerationStore(projectRoot: root)
                    for round in 0..<10 {
                        let held = try store.freeze(
                            ProjectBundles.collect(in: root), configuration: "\(worker) \(round)", host: .test
                        ).generation
                        try store.prune(keeping: 2)
                        for file in held.generation.files {
                            #expect(FileContents.exists(store.storePath(file)))
                        }
                        #expect(try store.open(held.generation.number).generation == held.generation)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("two processes at once: both list what is there, and one generation is made")
    func processes() async throws {
        let root = project.root
        for name in ["a", "b", "c"] {
            let stamped = try await Program.run(
                Stage.hero, ["bundle", "stamp", "--kind", "c", "actions/\(name).so"], directory: root)
            #expect(stamped.code == 0)
        }
        let results = try await withThrowingTaskGroup(of: Finished.self) { group in
            for _ in 0..<4 {
                group.addTask { try await Program.run(Stage.hero, ["actions", "list", "--json"], directory: root) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for result in results {
            #expect(result.code == 0 && result.output == results[0].output, "\(result.error)")
        }
        #expect(try FileContents.list("\(root)/tmp/generations") == ["1", "lock", "store"])
    }
}
