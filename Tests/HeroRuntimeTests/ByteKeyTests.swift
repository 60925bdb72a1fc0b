// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("names for others that only look alike are two names, also of actions")
struct ByteKeyTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test("as names and versions of actions")
    func actions() async throws {
        struct First: Action {
            static let name = "caf\u{E9}"
            static let description = "first"
            func run(_ context: Context) async throws -> JSON { ["n": 1] }
        }
        struct Second: Action {
            static let name = "cafe\u{301}"
            static let description = "second"
            func run(_ context: Context) async throws -> JSON { ["n": 2] }
        }
        struct Third: Action {
            static let name = "caf\u{E9}"
            static let version = "\u{E9}"
            static let description = "third"
            func run(_ context: Context) async throws -> JSON { ["n": 3] }
        }
        let process = try InMemoryProcess([.action(First.self), .action(Second.self), .action(Third.self)])
        #expect(await process.answer(composed, ["apiVersion": 1]).response.data == ["n": 1])
        #expect(await process.answer(decomposed).response.data == ["n": 2])
        #expect(await process.answer(composed, ["apiVersion": "\u{E9}"]).response.data == ["n": 3])
        #expect(await process.answer(composed, ["apiVersion": "e\u{301}"]).result?.status == .unknownAction)
    }
}
