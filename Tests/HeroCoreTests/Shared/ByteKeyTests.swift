// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import Testing

@testable import HeroCore

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

    @Test("as literal parts, prefixes and expressions of routes")
    func routes() throws {
        var router = Router()
        for (action, path) in [
            ("a", "/\(composed)"), ("b", "/\(decomposed)"), ("c", "/x/\(composed):v"), ("d", "/x/\(decomposed):v"),
            ("e", "/y/:v(^\(composed)$)"), ("f", "/y/:v(^\(decomposed)$)"),
        ] {
            let route = try RouteRecord(path: path, target: .action(action))
            #expect(router.add(route, methods: ["get"]).isEmpty, "\(path)")
        }
        func found(_ path: String...) -> String? { router.match(method: "get", segments: path)?.route.action }
        #expect(found(composed) == "a" && found(decomposed) == "b")
        #expect(found("x", "\(composed)1") == "c" && found("x", "\(decomposed)1") == "d")
        #expect(found("y", composed) == "e" && found("y", decomposed) == "f")
        #expect(router.match(method: "get", segments: ["x", "\(decomposed)1"])?.captures.first?.value == "1")
    }

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

    @Test("as parameters of a query")
    func query() {
        let query = "\(composed)=1&\(decomposed)=2&\(composed)=3&a[\(composed)]=4&a[\(decomposed)]=5"
        let params = QueryString().parse(query.utf8)
        #expect(params.count == 3 && params[composed] == ["1", "3"] && params[decomposed] == "2")
        #expect(params["a"]?[composed] == "4" && params["a"]?[decomposed] == "5")
        // A bracket stays a bracket when an accent follows.
        #expect(QueryString().parse("a[\u{301}b]=1".utf8) == ["a": ["\u{301}b": "1"]])
    }

    @Test("as clients whose requests are counted")
    func clients() {
        #expect(RateLimitClient.header(ByteKey(composed)) != .header(ByteKey(decomposed)))
    }
}
