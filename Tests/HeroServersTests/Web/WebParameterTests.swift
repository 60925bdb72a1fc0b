// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

/// Shows every parameter: scrubbing is switched off.
@Suite("the parameters of a web request")
struct WebParameterTests {
    private static let setup = WebProcess.Setup(
        actions: [Echo.self, Greet.self], general: ["disableParamScrubbing": true],
        routes: [
            "all": [
                ["path": "/echo", "action": "echo"], ["path": "/r/:name", "action": "echo"],
                ["path": "/v/:apiVersion/:action", "action": "echo"],
            ]
        ])

    /// What the action is given for a query.
    private func params(_ query: String) async throws -> JSON {
        try await params(of: "GET /api/echo?\(query) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    }

    private func params(type: String, _ body: String) async throws -> JSON {
        try await params(
            of: "POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \(type)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func params(of request: String) async throws -> JSON {
        var params = JSON.null
        try await WebProcess.serve(Self.setup) { web in
            let responses = try await web.raw(request)
            #expect(responses.map(\.status) == [200])
            params = try responses.first?.params ?? .null
        }
        #expect(params["action"] == "echo")
        params["action"] = nil
        return params
    }

    @Test(
        "come from the query, decoded",
        arguments: [
            ("a=b", #"{"a":"b"}"#), ("", "{}"), ("&&", "{}"), ("a", #"{"a":""}"#), ("a=", #"{"a":""}"#),
            ("=b", #"{"":"b"}"#), ("a=b=c", #"{"a":"b=c"}"#), ("a=1+2", #"{"a":"1 2"}"#),
            ("a%20b=c%26d", #"{"a b":"c&d"}"#),
            ("a=%E2%82%AC", #"{"a":"€"}"#), ("a=\u{20AC}", #"{"a":"€"}"#), ("a=1&a=2", #"{"a":["1","2"]}"#),
            ("a=b?c", #"{"a":"b?c"}"#), ("a=b#c", #"{"a":"b"}"#), ("a=%00", #"{"a":"\u0000"}"#),
            ("action=x&a=b", #"{"a":"b"}"#), ("a=http://x/y", #"{"a":"http://x/y"}"#),
        ])
    func query(query: String, expected: String) async throws {
        #expect(try await params(query) == JSON(parsing: expected))
    }

    @Test(
        "may nest in the query",
        arguments: [
            ("a[b]=c", #"{"a":{"b":"c"}}"#), ("a[b][c]=d", #"{"a":{"b":{"c":"d"}}}"#),
            ("a[]=1&a[]=2", #"{"a":["1","2"]}"#),
            ("a[1]=x&a[0]=y", #"{"a":["y","x"]}"#), ("a[21]=x", #"{"a":{"21":"x"}}"#),
            ("a%5Bb%5D=c", #"{"a":{"b":"c"}}"#),
            ("a[b]=1&a[c]=2", #"{"a":{"b":"1","c":"2"}}"#), ("a[b=c", #"{"a[b":"c"}"#), ("a]b[=c", #"{"a]b[":"c"}"#),
            ("a[b]=1&a=2", #"{"a":{"b":"1","2":"true"}}"#), ("[a]=b", #"{"a":"b"}"#),
            ("a[__proto__]=x", "{}"), ("__proto__[a]=x", "{}"), ("constructor=x", "{}"),
            ("a[b][c][d][e][f][g]=h", #"{"a":{"b":{"c":{"d":{"e":{"f":{"[g]":"h"}}}}}}}"#),
            ("0=a&1=b", #"{"payload":["a","b"]}"#), ("a[-1]=x", #"{"a":{"-1":"x"}}"#),
            ("a[99999999999999999999]=x", #"{"a":{"99999999999999999999":"x"}}"#),
        ])
    func nested(query: String, expected: String) async throws {
        #expect(try await params(query) == JSON(parsing: expected))
    }

    @Test(
        "stay as they are where an escape is malformed or hides bytes that are no UTF-8",
        arguments: [
            ("a=%", #"{"a":"%"}"#), ("a=%4", #"{"a":"%4"}"#), ("a=%zz", #"{"a":"%zz"}"#), ("a=%ff", #"{"a":"%ff"}"#),
            ("a=%C3%28", #"{"a":"%C3%28"}"#), ("%ff=b", #"{"%ff":"b"}"#), ("a=%41%", #"{"a":"%41%"}"#),
            ("a=%ED%A0%80", #"{"a":"%ED%A0%80"}"#), ("a=%C0%AF", #"{"a":"%C0%AF"}"#), ("a=x%+y", #"{"a":"x% y"}"#),
        ])
    func badEscapes(query: String, expected: String) async throws {
        #expect(try await params(query) == JSON(parsing: expected))
    }

    @Test("of a query are read up to the limit")
    func queryLimit() async throws {
        var setup = Self.setup
        setup.web = ["queryParseOptions": ["parameterLimit": 3]]
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/api/echo?a=1&b=2&c=3&d=4")
            #expect(try response.params.objectValue?.names == ["a", "b", "c", "action"])
        }
    }

    @Test(
        "of queries may be divided otherwise",
        arguments: [
            (";", "a=1&2;;b[x]=3;c", #"{"a":"1&2","b":{"x":"3"},"c":""}"#),
            ("::", "a=1::b=2:3::::c=", #"{"a":"1","b":"2:3","c":""}"#),
        ])
    func delimiter(delimiter: String, query: String, expected: String) async throws {
        var setup = Self.setup
        setup.web = ["queryParseOptions": ["delimiter": .string(delimiter)]]
        try await WebProcess.serve(setup) { web in
            var params = try await web.request("/api/echo?\(query)").params
            params["action"] = nil
            #expect(params.description == expected)
        }
    }

    @Test(
        "come from forms, flat",
        arguments: [
            ("a=b&c=d", #"{"a":"b","c":"d"}"#), ("a=1&a=2", #"{"a":"2"}"#), ("a[b]=c", #"{"a[b]":"c"}"#), ("", "{}"),
            ("a=1+2%2B3", #"{"a":"1 2+3"}"#), ("a=%ff", #"{"a":"%ff"}"#), ("a", #"{"a":""}"#),
            ("0=x&1=y", #"{"payload":["x","y"]}"#),
        ])
    func form(body: String, expected: String) async throws {
        #expect(try await params(type: "application/x-www-form-urlencoded", body) == JSON(parsing: expected))
    }

    @Test("of a form are read up to the limit")
    func formLimit() async throws {
        var setup = Self.setup
        setup.web = ["formOptions": ["maxFields": 2]]
        try await WebProcess.serve(setup) { web in
            let response = try await web.request(
                "/api/echo", method: "POST", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: "a=1&b=2&c=3")
            #expect(try response.params.objectValue?.names == ["a", "b", "action"])
        }
    }

    @Test(
        "come from JSON, with their types",
        arguments: [
            (#"{"a":1,"b":[true,null],"c":{"d":"e"}}"#, #"{"a":1,"b":[true,null],"c":{"d":"e"}}"#), ("{}", "{}"),
            ("[1,2]", #"{"payload":[1,2]}"#), ("[]", "{}"), ("1", "{}"), (#""text""#, "{}"), ("null", "{}"), ("", "{}"),
            (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#"{"0":1,"1":2}"#, #"{"payload":[1,2]}"#), (#"{"action":"x"}"#, "{}"),
            (#"{"a":"\ud83d\ude00"}"#, #"{"a":"😀"}"#), (#"{"a":"\ud83d"}"#, #"{"a":"\ufffd"}"#),
            ("\t{ \"a\" :\r\n1 } ", #"{"a":1}"#),
        ])
    func json(body: String, expected: String) async throws {
        #expect(try await params(type: "application/json", body) == JSON(parsing: expected))
        #expect(try await params(type: "application/vnd.api+JSON; charset=utf-8", body) == JSON(parsing: expected))
    }

    @Test("of a body win over those of the query, and those of the path over both")
    func precedence() async throws {
        try await WebProcess.serve(Self.setup) { web in
            let json = [("Content-Type", "application/json")]
            let body = try await web.request(
                "/api/echo?a=query&b=query", method: "PUT", headers: json, body: #"{"a":"body"}"#)
            #expect(try body.params["a"] == "body")
            #expect(try body.params["b"] == "query")
            let path = try await web.request(
                "/api/r/path%20x+y?name=query", method: "PUT", headers: json, body: #"{"name":"body"}"#)
            #expect(try path.params["name"] == "path x y")
        }
    }

    @Test("of a body are read with every method that has one")
    func methods() async throws {
        try await WebProcess.serve(Self.setup) { web in
            for (method, isRead) in [("POST", true), ("PUT", true), ("PATCH", true), ("DELETE", true), ("GET", false)] {
                let response = try await web.request(
                    "/api/echo", method: method, headers: [("Content-Type", "application/json")], body: #"{"a":1}"#)
                #expect(try (response.params["a"] != nil) == isRead, "\(method)")
            }
        }
    }

    @Test("that an action does not declare are dropped, however many there are")
    func scrubbing() async throws {
        var setup = Self.setup
        setup.general = [:]
        try await WebProcess.serve(setup) { web in
            // Removed one by one, these would keep the loop busy for minutes.
            let members = (0..<50_000).map { "\"k\($0)\":0" }.joined(separator: ",")
            let response = try await web.request(
                "/api/greet", method: "POST", headers: [("Content-Type", "application/json")],
                body: "{\(members),\"name\":\"x\"}")
            #expect(response.status == 200)
            #expect(try response.json["requesterInformation"]?["receivedParams"] == ["action": "greet", "name": "x"])
        }
    }
}
