// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("which action a path leads to")
struct WebRoutingTests {
    private func outcome(
        _ target: String, method: String = "GET", web: JSON = [:], routes: JSON = [:],
        _ check: (HTTPResponse) throws -> Void
    ) async throws {
        let setup = WebProcess.Setup(
            actions: [First.self, Second.self, Greet.self], web: web, general: ["disableParamScrubbing": true],
            routes: routes)
        try await WebProcess.serve(setup) { server in try check(try await server.request(target, method: method)) }
    }

    @Test(
        "each action has a path for each method", arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
    func automatic(method: String) async throws {
        try await outcome("/api/versioned", method: method) { #expect($0.status == 200) }
        try await outcome("/api/VERSIONED/", method: method) { #expect($0.status == 200) }
        try await outcome("/api/versioned/more", method: method) { #expect($0.status == 404) }
        try await outcome("/api", method: method) { #expect($0.status == 404) }
        try await outcome("/api/", method: method) { #expect($0.status == 404) }
    }

    @Test("a method in small letters is another method, which no route has", arguments: ["get", "Post", "hEAD"])
    func methodsHaveCapitals(method: String) async throws {
        try await outcome("/api/versioned", method: method) { #expect($0.status == 405) }
        try await outcome("/api/nowhere", method: method) { #expect($0.status == 404) }
    }

    @Test("capitals of a path do not count, and what only looks like a letter is another one")
    func letters() async throws {
        let routes: JSON = ["get": [["path": "/caf\u{E9}k", "action": "greet"]]]
        try await outcome("/api/CAF%C3%89K?name=x", routes: routes) { #expect($0.status == 200) }
        // The sign for kelvin.
        try await outcome("/api/caf%C3%A9%E2%84%AA?name=x", routes: routes) { #expect($0.status == 404) }
    }

    @Test("only the configured methods have one")
    func configuredMethods() async throws {
        try await outcome("/api/versioned", web: ["automaticRoutes": ["get"]]) { #expect($0.status == 200) }
        try await outcome("/api/versioned", method: "POST", web: ["automaticRoutes": ["get"]]) {
            #expect($0.status == 405)
        }
    }

    @Test(
        "the latest version answers unless the request names one",
        arguments: [("", 2), ("?apiVersion=1", 1), ("?apiVersion=2", 2), ("?apiVersion=", 2)])
    func versions(query: String, version: Int) async throws {
        try await outcome("/api/versioned\(query)") { response in
            let answered = try response.json["version"]
            #expect(answered == .integer(version))
        }
    }

    @Test("a version that is not there is an unknown action", arguments: ["0", "3", "1.0", "x", "01", "%00", "-1"])
    func unknownVersion(version: String) async throws {
        try await outcome("/api/versioned?apiVersion=\(version)") { response in
            #expect(response.status == 404)
            #expect(response.error == "unknown action or invalid apiVersion")
        }
    }

    /// Takes a secret from its path.
    private struct Resets: Action {
        @Input("Who may", secret: true) var code: String
        @Input("Who") var accessToken: String?

        func run(_ context: Context) async throws -> NoOutput { NoOutput() }
    }

    @Test(
        "what is secret of a path is not logged",
        arguments: [
            ("/api/reset/s3cret/done", "/api/reset/[FILTERED]/done"),
            ("/api/reset/s%33cret/done", "/api/reset/[FILTERED]/done"),
            ("/api/reset/7/done", "/api/reset/[FILTERED]/done"),
            ("/api/rest/s3cret/and%2Fmore", "/api/rest/[FILTERED]"),
            ("/api/reset/7/done?accessToken=17", "/api/reset/[FILTERED]/done"),
            ("/api/reset/s3cret+4/done", "/api/reset/[FILTERED]/done"),
            ("//api/reset/s3cret%2B4/done/", "//api/reset/[FILTERED]/done/"),
            ("/api/reset/done/done", "/api/reset/[FILTERED]/done"), ("/api/rest/s3cret+4//x/", "/api/rest/[FILTERED]"),
            ("/api/x7/2", "/api/[FILTERED]/2"), ("/api/xs3cret+%2B/2+3", "/api/[FILTERED]/2+3"),
        ])
    func secretVariables(target: String, logged: String) async throws {
        let routes: JSON = [
            "get": [
                ["path": "/reset/:code/done", "action": "resets"],
                ["path": "/rest/:code", "action": "resets", "matchTrailingPathParts": true],
                ["path": "/x:code/:page", "action": "resets"],
            ]
        ]
        try await WebProcess.serve(WebProcess.Setup(actions: [Resets.self], routes: routes)) { web async throws in
            #expect(try await web.request(target).status == 200)
            let line = try #require(try web.log("[ action @ web ]").last)
            #expect(line["pathname"] == .string(logged))
            #expect(!line.description.contains("s3cret"))
        }
    }

    @Test(
        "what is secret of a path is not logged either where it is no value, or nobody knows the action",
        arguments: [
            ("/api/reset/s3cret%FF/done", 422, "/api/reset/[FILTERED]/done"),
            ("/api/reset/s3cret%zz/done", 422, "/api/reset/[FILTERED]/done"),
            ("/api/rest/s3cret%/x", 422, "/api/rest/[FILTERED]"),
            ("/api/reset/s3cret/done?apiVersion=9", 404, "/api/reset/[FILTERED]/done"),
        ])
    func undecodableSecrets(target: String, status: Int, logged: String) async throws {
        let routes: JSON = [
            "get": [
                ["path": "/reset/:code/done", "action": "resets"],
                ["path": "/rest/:code", "action": "resets", "matchTrailingPathParts": true],
            ]
        ]
        try await WebProcess.serve(WebProcess.Setup(actions: [Resets.self], routes: routes)) { web async throws in
            #expect(try await web.request(target).status == status)
            let line = try #require(try web.log("[ action @ web ]").last)
            #expect(line["pathname"] == .string(logged))
            #expect(!line.description.contains("s3cret"))
        }
    }

    @Test("of a request with a method that the route does not have, the route is logged", arguments: ["GET", "PUT"])
    func otherMethods(method: String) async throws {
        let routes: JSON = [
            "post": [["path": "/reset/:code", "action": "resets"]],
            "delete": [["path": "/reset/s3cret", "action": "resets"]],
        ]
        try await WebProcess.serve(WebProcess.Setup(actions: [Resets.self], routes: routes)) { web async throws in
            #expect(try await web.request("/api/reset/s3cret", method: method).status == 405)
            let line = try #require(try web.log("a request was refused").last)
            #expect(line["pathname"] == "/reset/:code")
            #expect(!line.description.contains("s3cret"))
        }
    }

    @Test("of a request that is refused behind its route, the route is logged where it has variables")
    func refusedVariables() async throws {
        let routes: JSON = [
            "post": [["path": "/reset/:code/done", "action": "resets"], ["path": "/plain", "action": "resets"]]
        ]
        try await WebProcess.serve(WebProcess.Setup(actions: [Resets.self], routes: routes)) { web async throws in
            for (path, logged) in [("/api/reset/s3cret/done", "/reset/:code/done"), ("/api/plain", "/api/plain")] {
                let response = try await web.request(
                    path, method: "POST", headers: [("Content-Type", "application/json")], body: "{broken")
                #expect(response.status == 400)
                let line = try #require(try web.log("a request was refused").last)
                #expect(line["pathname"]?.stringValue?.hasSuffix(logged) == true, "\(line)")
                #expect(!line.description.contains("s3cret"))
            }
        }
    }

    @Test(
        "of a request that is refused before anybody looks where it leads, the route is logged where it has variables",
        arguments: [
            ("/api/reset/s3cret", "/reset/:code"), ("/api/x/s3cret/y", "/x/:code/y"),
            ("/api/rest/s3cret/z", "/rest/:code"),
            ("/api/plain", "/api/plain"), ("/public/reset/s3cret", "/public/reset/s3cret"),
        ])
    func unroutedVariables(path: String, logged: String) async throws {
        let routes: JSON = [
            "post": [
                ["path": "/reset/:code", "action": "resets"], ["path": "/plain", "action": "resets"],
                ["path": "/rest/:code", "action": "resets", "matchTrailingPathParts": true],
            ],
            "put": [["path": "/x/:code/y", "action": "resets"]],
        ]
        var setup = WebProcess.Setup(actions: [Resets.self], routes: routes)
        setup.web = ["limits": ["bodySize": 10], "allowedRequestHosts": ["http://localhost"]]
        let json = "Content-Type: application/json\r\n"
        try await WebProcess.serve(setup) { web async throws in
            for (status, fields, body) in [
                // Too large, as it says and as it turns out; cut off; of another host, as nobody vouches for.
                (413, "Host: localhost\r\nContent-Length: 11\r\n" + json, ""),
                (413, "Host: localhost\r\nTransfer-Encoding: chunked\r\n" + json, "b\r\n12345678901\r\n"),
                (400, "Host: localhost\r\nContent-Length: 9\r\n" + json, "{\"a\""),
                (421, "Host: other\r\nX-Forwarded-Host: localhost\r\n", ""),
            ] {
                let connection = try web.connect()
                try await connection.send("POST \(path)?a=b HTTP/1.1\r\n\(fields)\r\n\(body)")
                connection.finishSending()
                #expect(try HTTPResponse.all(try await connection.readToEnd()).map(\.status) == [status], "\(fields)")
                let line = try #require(try web.log("a request was refused").last)
                #expect(line["pathname"] == .string(logged), "\(line)")
                #expect(line["status"] == .integer(status))
            }
        }
    }

    @Test(
        "a body that cannot be read, sent with another method than the route has, does not bring the secret into the log"
    )
    func unreadableWithOtherMethod() async throws {
        let routes: JSON = ["get": [["path": "/reset/:code", "action": "resets"]]]
        try await WebProcess.serve(WebProcess.Setup(actions: [Resets.self], routes: routes)) { web async throws in
            for (type, status) in [("text/plain", 415), ("application/json", 400)] {
                let response = try await web.request(
                    "/api/reset/s3cret", method: "POST", headers: [("Content-Type", type)], body: "{broken")
                #expect(response.status == status)
                let line = try #require(try web.log("a request was refused").last)
                #expect(line["pathname"] == "/reset/:code" && !line.description.contains("s3cret"))
            }
        }
    }

    @Test("configured routes come before automatic ones, the first that fits wins")
    func precedence() async throws {
        let routes: JSON = [
            "get": [
                ["path": "/versioned", "action": "greet"], ["path": "/x/:name", "action": "greet"],
                ["path": "/x/fixed", "action": "versioned"],
            ]
        ]
        try await outcome("/api/versioned?name=a", routes: routes) { #expect($0.member("greeting") == "Hi a") }
        try await outcome("/api/x/fixed", routes: routes) { #expect($0.member("greeting") == "Hi fixed") }
    }

    @Test("a route's version holds unless the request names one, and a bad escape in a variable is left out")
    func routeVersion() async throws {
        let routes: JSON = [
            "get": [
                ["path": "/old", "action": "versioned", "apiVersion": "1"],
                ["path": "/v:apiVersion/versioned", "action": "versioned"],
                ["path": "/hi/:name", "action": "greet"],
                ["path": "/number/:name(^[0-9]+$)", "action": "greet"],
                ["path": "/all/:name", "action": "greet", "matchTrailingPathParts": true],
            ]
        ]
        func version(_ target: String, _ expected: Int) async throws {
            try await outcome(target, routes: routes) { #expect($0.member("version") == .integer(expected)) }
        }
        try await version("/api/old", 1)
        try await version("/api/old?apiVersion=2", 2)
        try await version("/api/v1/versioned", 1)
        try await outcome("/api/v9/versioned", routes: routes) { #expect($0.status == 404) }
        try await outcome("/api/hi/%ff", routes: routes) {
            #expect($0.error == "name is a required parameter for this action")
        }
        try await outcome("/api/hi/%E2%82%AC", routes: routes) { #expect($0.member("greeting") == "Hi €") }
        try await outcome("/api/number/12", routes: routes) { #expect($0.status == 200) }
        try await outcome("/api/number/1a", routes: routes) { #expect($0.status == 404) }
        try await outcome("/api/all/a/b/c", routes: routes) { #expect($0.member("greeting") == "Hi a/b/c") }
    }

    @Test("each of many paths leads to its own action, however often it is asked for")
    func manyPaths() async throws {
        let paths = (0..<200).map { number in
            JSON.object(["path": .string("/\(number)"), "action": number % 3 == 0 ? "greet" : "versioned"])
        }
        let setup = WebProcess.Setup(
            actions: [First.self, Second.self, Greet.self], routes: ["get": .array(paths)])
        try await WebProcess.serve(setup) { server in
            for _ in 0..<2 {
                let requests = (0..<200).map { "GET /api/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
                let responses = try await server.raw(
                    requests + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(responses.count == 201)
                for (number, response) in responses.dropLast().enumerated() {
                    #expect((response.member("version") == nil) == (number % 3 == 0), "/api/\(number)")
                }
            }
            let unknown = try await server.request("/api/200")
            #expect(unknown.status == 404)
        }
    }

    @Test("actions may live at the root")
    func root() async throws {
        let web: JSON = ["rootEndpointType": "api", "urlPathForActions": nil]
        try await outcome("/versioned", web: web) { #expect($0.status == 200) }
        try await outcome("/nope", web: web) { #expect($0.error == "unknown action or invalid apiVersion") }
    }
}

@Suite("the session cookie")
struct SessionCookieTests {
    private func cookie(
        _ headers: [(String, String)], web: JSON = [:], _ check: (HTTPResponse, JSON?) throws -> Void
    ) async throws {
        try await WebProcess.serve([Greet.self], web: web) { server in
            let response = try await server.request("/api/greet?name=x", headers: headers)
            #expect(response.status == 200)
            let information = try response.json["requesterInformation"]
            #expect(information?["id"]?.stringValue?.hasPrefix(information?["fingerprint"]?.stringValue ?? "?") == true)
            try check(response, information?["fingerprint"])
        }
    }

    @Test("is offered to a client that has none, and no two clients get the same")
    func fresh() async throws {
        try await WebProcess.serve([Greet.self]) { web in
            var seen: Set<String> = []
            for _ in 0..<3 {
                let cookie = try #require(try await web.request("/api/greet?name=x")["set-cookie"])
                #expect(
                    cookie.wholeMatch(of: /sessionID=[0-9a-f]{40};path=\/;expires=.* GMT;HttpOnly;SameSite=Lax;/) != nil
                )
                seen.insert(cookie)
            }
            #expect(seen.count == 3)
        }
    }

    @Test(
        "is the client's fingerprint as it was sent",
        arguments: [
            ("sessionID=abc", "abc"), ("a=b; sessionID=abc; c=d", "abc"), ("sessionID=abc=def", "abc=def"),
            ("sessionID=%22-._~+/:", "%22-._~+/:"), ("sessionID=1; sessionID=2", "1"),
            ("sessionID=\(String(repeating: "x", count: 128))", String(repeating: "x", count: 128)),
        ])
    func known(header: String, fingerprint: String) async throws {
        try await cookie([("Cookie", header)]) { response, found in
            #expect(found == .string(fingerprint))
            #expect(response["set-cookie"] == nil)
        }
    }

    @Test("is found in whichever of several headers it comes")
    func severalHeaders() async throws {
        try await cookie([("Cookie", "a=b"), ("cookie", "sessionID=abc"), ("Cookie", "c=d")]) { response, found in
            #expect(found == "abc")
            #expect(response["set-cookie"] == nil)
        }
    }

    @Test(
        "is made anew when the header holds nothing usable",
        arguments: [
            "", "sessionID", "sessionID=", ";;=;", "sessionid=x", "sessionID=\u{20AC}", "sessionID=a b",
            "sessionID=<b>",
            "sessionID=\"a\"", "sessionID=a\\", "sessionID=\(String(repeating: "x", count: 129))",
        ])
    func unusable(header: String) async throws {
        try await cookie([("Cookie", header)]) { response, found in
            #expect(found?.stringValue?.count == 40)
            #expect(response["set-cookie"] != nil)
        }
    }

    @Test("is another one as soon as an action says so, whatever the client has sent")
    func renewal() async throws {
        try await WebProcess.serve([LogIn.self, Greet.self]) { web in
            let response = try await web.request("/api/logIn", headers: [("Cookie", "sessionID=planted")])
            let renewed = try #require(response.member("after")?.stringValue)
            #expect(response.member("before") == "planted")
            #expect(response.member("isRenewed") == true)
            #expect(renewed.count == 40)
            #expect(response["set-cookie"]?.hasPrefix("sessionID=\(renewed);path=/;") == true)
            let information = try response.json["requesterInformation"]
            #expect(information?["fingerprint"]?.stringValue == renewed)
            #expect(information?["id"]?.stringValue?.hasPrefix("planted-") == true)
            let sent = try await web.request("/api/logIn?sends=true", headers: [("Cookie", "sessionID=planted")])
            #expect(sent["set-cookie"]?.hasPrefix("sessionID=\(sent.text);") == true)
        }
        let silent: JSON = ["fingerprintOptions": ["toSetCookie": false]]
        try await WebProcess.serve([LogIn.self], web: silent) { web in
            let response = try await web.request("/api/logIn", headers: [("Cookie", "sessionID=planted")])
            #expect(response.member("isRenewed") == false)
            #expect(response.member("after") == "planted")
        }
    }

    @Test("is for https only as soon as a trusted proxy says that the client speaks it")
    func secure() async throws {
        let proxied: JSON = ["trustedProxies": ["127.0.0.1"]]
        for (web, scheme, isSecure) in [
            (proxied, "https", true), (proxied, "http", false), (["trustedProxies": []], "https", false),
            (["trustedProxies": ["127.0.0.1"], "fingerprintOptions": ["settings": ["secure": false]]], "https", false),
            (["fingerprintOptions": ["settings": ["secure": true]]], "http", true),
        ] as [(JSON, String, Bool)] {
            try await cookie([("X-Forwarded-Proto", scheme)], web: web) { response, _ in
                #expect(response["set-cookie"]?.hasSuffix(";Secure;") == isSecure, "\(web) \(scheme)")
            }
        }
    }

    @Test("may come as a header, and is not offered where the configuration says so")
    func options() async throws {
        try await cookie([("X-SessionID", "abc")]) { response, found in
            #expect(found == "abc")
            #expect(response["set-cookie"] == nil)
        }
        try await cookie([], web: ["fingerprintOptions": ["toSetCookie": false]]) { response, _ in
            #expect(response["set-cookie"] == nil)
        }
        let settings: JSON = [
            "secure": true, "domain": "example.com", "sameSite": "Strict", "expires": nil, "path": nil,
        ]
        try await cookie([], web: ["fingerprintOptions": ["cookieKey": "id", "settings": settings]]) { response, _ in
            #expect(response["set-cookie"]?.hasSuffix(";domain=example.com;HttpOnly;SameSite=Strict;Secure;") == true)
            #expect(response["set-cookie"]?.hasPrefix("id=") == true)
        }
    }
}

/// Knows its client by another name afterwards.
struct LogIn: Action {
    @Input("Whether to send bytes") var sends: Bool?

    func run(_ context: Context) async throws -> JSON {
        let before = context.connection.fingerprint
        let isRenewed = context.connection.renewFingerprint()
        let after = context.connection.fingerprint
        if sends == true { context.response.send(after) }
        return ["before": .string(before), "after": .string(after), "isRenewed": .bool(isRenewed)]
    }
}

struct First: Action {
    static let name = "versioned"
    struct Output: Encodable { let version = 1 }
    func run(_ context: Context) async throws -> Output { Output() }
}

struct Second: Action {
    static let name = "versioned"
    static let version = 2
    struct Output: Encodable { let version = 2 }
    func run(_ context: Context) async throws -> Output { Output() }
}
