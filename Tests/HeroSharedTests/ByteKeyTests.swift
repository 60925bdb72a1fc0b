// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroShared

@Suite("names for others that only look alike are two names")
struct ByteKeyTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test("as keys of the cache, of lists, of locks and of computations", arguments: Backend.allCases)
    func shared(_ backend: Backend) async throws {
        try await backend.run { member in
            let cache = member.cache
            for (number, key) in [composed, decomposed].enumerated() {
                try await cache.save(key, number)
                try await cache.push("list \(key)", number)
            }
            for (number, key) in [composed, decomposed].enumerated() {
                #expect(try await cache.load(key, as: Int.self).value == number)
                #expect(try await cache.listLength("list \(key)") == 1)
                #expect(try await cache.pop("list \(key)", as: Int.self) == number)
                #expect(try await cache.keys(key).map { Array($0.utf8) } == [Array("actionhero:cache:\(key)".utf8)])
                #expect(try await cache.fetch("fetched \(key)") { number } == number)
            }
            #expect(try await cache.lock(composed))
            #expect(try await cache.withLockName("other").lock(decomposed))
            #expect(try await cache.unlock(composed))
            #expect(try await !cache.unlock(decomposed))
            #expect(try await cache.locks("").count == 1)
            #expect(try await cache.size() == 4)
            #expect(try await cache.destroy(composed))
            #expect(try await !cache.destroy(composed))
            #expect(try await cache.withLockName("other").load(decomposed, as: Int.self).value == 1)
            #expect(try await cache.clear().count == 3)
        }
    }

    @Test("as methods of remote calls", arguments: Backend.allCases)
    func calls(_ backend: Backend) async throws {
        try await backend.run { member in
            member.rpc.register(composed) { _ in 1 }
            member.rpc.register(decomposed) { _ in 2 }
            let first = try await member.rpc.call(composed)
            let second = try await member.rpc.call(decomposed)
            #expect(first == 1 && second == 2)
        }
    }

    @Test("as clients whose requests are counted")
    func clients() {
        #expect(RateLimitClient.header(ByteKey(composed)) != .header(ByteKey(decomposed)))
    }
}
