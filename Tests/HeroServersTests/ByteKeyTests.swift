// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroServers

@Suite("names for others that only look alike are two names, also in requests")
struct ByteKeyTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

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

    @Test("as parameters of a query")
    func query() {
        let query = "\(composed)=1&\(decomposed)=2&\(composed)=3&a[\(composed)]=4&a[\(decomposed)]=5"
        let params = QueryString().parse(query.utf8)
        #expect(params.count == 3 && params[composed] == ["1", "3"] && params[decomposed] == "2")
        #expect(params["a"]?[composed] == "4" && params["a"]?[decomposed] == "5")
        // A bracket stays a bracket when an accent follows.
        #expect(QueryString().parse("a[\u{301}b]=1".utf8) == ["a": ["\u{301}b": "1"]])
    }
}
