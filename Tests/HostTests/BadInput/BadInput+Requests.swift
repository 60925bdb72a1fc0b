// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

extension BadInput {
    @Suite("requests")
    struct Requests {
        private static let json = [("Content-Type", "application/json")]

        @Test("a malformed body is refused with 400, one of an unknown type with 415")
        func bodies() async throws {
            try await BadInput.serve { hero in
                let malformed = try await hero.request(
                    "/api/good", method: "POST", headers: Self.json, body: "{\"text\":")
                #expect(malformed.status == 400)
                #expect(malformed.errorText == "the body is not valid JSON: unexpected end of input at byte 8")
                let typed = try await hero.request(
                    "/api/good", method: "POST", headers: [("Content-Type", "text/plain")], body: "text=x")
                #expect(typed.status == 415)
                #expect(typed.errorText == "a body of type text/plain cannot be read; send JSON or a form")
            }
        }

        private static let wrongTypes: [(name: String, query: String, json: String, error: String)] = [
            ("text", "text[a]=1", #"{"text":{"a":1}}"#, "text must be text"),
            ("whole", "whole=1.5", #"{"whole":1.5}"#, "whole must be a whole number"),
            ("whole", "whole=abc", #"{"whole":[1]}"#, "whole must be a whole number"),
            (
                "whole", "whole=99999999999999999999", #"{"whole":99999999999999999999}"#,
                "whole must be between -9223372036854775808 and 9223372036854775807"
            ),
            ("number", "number=x", #"{"number":{}}"#, "number must be a number"),
            ("number", "number=nan", #"{"number":true}"#, "number must be a number"),
            ("number", "number=inf", #"{"number":[]}"#, "number must be a number"),
            ("flag", "flag=maybe", #"{"flag":2}"#, "flag must be true or false"),
            ("colour", "colour=blue", #"{"colour":"blue"}"#, "colour must be one of red, green"),
            ("list", "list[a]=1", #"{"list":{"a":1}}"#, "list must be a list"),
            ("list", "list[]=1&list[]=x", #"{"list":[1,"x"]}"#, "list[1] must be a whole number"),
            ("address", "address=x", #"{"address":1}"#, "address must be an object"),
            (
                "address", "address[street]=x&address[number]=y", #"{"address":{"street":"x","number":"y"}}"#,
                "address.number must be a whole number"
            ),
            (
                "address", "address[street]=x&address[number]=1000", #"{"address":{"street":"x","number":1000}}"#,
                "address.number must be between 1 and 999"
            ),
            (
                "address", "address[number]=1", #"{"address":{"number":1}}"#,
                "address.street is a required parameter for this action"
            ),
            (
                "addresses", "addresses[0][street]=x&addresses[0][number]=0",
                #"{"addresses":[{"street":"x","number":0}]}"#, "addresses[0].number must be between 1 and 999"
            ),
            ("date", "date=yesterday", #"{"date":{}}"#, "date must be a date in ISO 8601 or milliseconds since 1970"),
            ("limited", "limited=12345", #"{"limited":"12345"}"#, "limited must have between 1 and 3 characters"),
            ("map", "map=x", #"{"map":[1]}"#, "map must be an object"),
            ("map", "map[a]=x", #"{"map":{"a":"x"}}"#, "map.a must be a whole number"),
        ]

        @Test("a value of the wrong type is refused with 422 and the name of the input, for each kind of input")
        func types() async throws {
            try await BadInput.serve { hero in
                for (name, query, json, error) in Self.wrongTypes {
                    let fromQuery = try await hero.request("/api/kinds?\(query)")
                    #expect(fromQuery.status == 422, "\(name): \(query)")
                    #expect(fromQuery.errorText == error, "\(query)")
                    let fromJSON = try await hero.request("/api/kinds", method: "POST", headers: Self.json, body: json)
                    #expect(fromJSON.status == 422, "\(json)")
                    #expect(fromJSON.errorText == error, "\(json)")
                }
                let small = try await hero.request(
                    "/api/kinds", method: "POST", headers: Self.json, body: #"{"small":256}"#)
                #expect(small.errorText == "small must be between 0 and 255")
                let good = try await hero.request("/api/kinds?whole=1&flag=no&list[]=1&colour=red&number=-1.5e3")
                #expect(good.status == 200)
            }
        }

        @Test("an unknown action or version is refused with 404")
        func unknown() async throws {
            try await BadInput.serve { hero in
                for target in [
                    "/api/nope", "/api/good?text=x&apiVersion=2", "/api/good?text=x&apiVersion=%00", "/api/",
                    "/api/%00",
                    "/api/good%00", "/api/goo%64x", "/api/good/../nope",
                    "/api/\(String(repeating: "x", count: 10_000))",
                ] {
                    let response = try await hero.request(target)
                    #expect(response.status == 404, "\(target.prefix(40))")
                    #expect(response.errorText == "unknown action or invalid apiVersion")
                }
            }
        }

        @Test("10 MB of query string are refused with 414, 10,000 headers and one of 10 MB with 431")
        func oversize() async throws {
            try await BadInput.serve { hero in
                let megabytes = [UInt8](repeating: 97, count: 10_000_000)
                let query = try await hero.raw(
                    Array("GET /api/good?text=".utf8) + megabytes + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                #expect(query.map(\.status) == [414])
                #expect(query.first?.errorText == "the request line is too long")
                let lines = (0..<10_000).map { "X-\($0): y\r\n" }.joined()
                let headers = try await hero.raw(Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8))
                #expect(headers.map(\.status) == [431])
                #expect(headers.first?.errorText == "there are too many headers")
                let header = try await hero.raw(Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + megabytes)
                #expect(header.map(\.status) == [431])
                #expect(header.first?.errorText == "the headers are too large")
                let body = try await hero.raw(
                    Array("POST /api/good HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n".utf8) + megabytes)
                #expect(body.map(\.status) == [413])
                #expect(body.first?.errorText == "the body is too large")
            }
        }

        @Test("half a request and silence are answered with 408, while others are served")
        func silence() async throws {
            try await BadInput.serve(web: #"{"timeouts":{"headers":1,"body":1}}"#) { hero in
                let halves = [
                    "GET /api/go", "GET /api/good HTTP/1.1\r\n",
                    "POST /api/good HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
                    "POST /api/good HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "\r\n",
                ]
                let connections = try await halves.asyncMap { half in
                    let connection = try HTTPConnection(port: await hero.port)
                    try await connection.send(half)
                    return connection
                }
                #expect(try await hero.request("/api/good?text=meanwhile").status == 200)
                for connection in connections {
                    let responses = try HTTPResponse.all(try await connection.readToEnd())
                    #expect(responses.map(\.status) == [408])
                    #expect(responses.first?.errorText == "the request took too long to arrive")
                }
            }
        }

        @Test("hundreds of connections that say nothing, or leave in the middle, keep nobody from being served")
        func crowd() async throws {
            // Actions that hang are left behind.
            try await BadInput.serve(stops: false) { hero in
                let port = try await hero.port
                let silent = try (0..<300).map { _ in try HTTPConnection(port: port) }
                for part in [
                    "", "G", "GET /api/hang HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 9\r\n",
                ] {
                    for _ in 0..<50 {
                        let connection = try HTTPConnection(port: port)
                        if !part.isEmpty { try await connection.send(part) }
                    }
                }
                #expect(try await hero.request("/api/good?text=x").status == 200)
                withExtendedLifetime(silent) {}
            }
        }

        @Test("a chunk size that would overflow is refused with 413")
        func chunkOverflow() async throws {
            try await BadInput.serve { hero in
                let responses = try await hero.raw(
                    "POST /api/good HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "1\r\na\r\n7fffffffffffffff\r\nabc")
                #expect(responses.map(\.status) == [413])
            }
        }

        @Test("a body of many members that no action wants does not keep the loop busy")
        func manyMembers() async throws {
            let members = (0..<200_000).map { "\"k\($0)\":0" }.joined(separator: ",")
            guard let project = BadInputProject.current else { return }
            let hero = try await project.start(environment: [
                "ACTIONHERO_CONFIG_OVERRIDES": #"{"general":{"disableParamScrubbing":false}}"#,
                "ACTIONHERO_TITLE": "bad-members",
            ])
            let response = try await hero.request(
                "/api/good", method: "POST", headers: Self.json, body: "{\(members),\"text\":\"x\"}")
            #expect(response.status == 200)
            #expect(!response.text.contains("k199999"))
            #expect(try await hero.stop() == 0)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var result: [T] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
