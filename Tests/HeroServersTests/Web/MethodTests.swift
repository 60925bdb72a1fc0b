// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroTestSupport
import Testing

/// Brings its own paths.
struct Routed: Action {
    static let routes = [
        Route(.get, "/routed/:name"), Route([.put, .patch], "/routed"),
        Route(.get, "/rest/:name", matchTrailingPathParts: true),
    ]

    @Input("any") var name: String?
    struct Output: Encodable { let name: String? }
    func run(_ context: Context) async throws -> Output { Output(name: name) }
}

/// The same action's next version, with its routes.
struct RoutedTwo: Action {
    static let name = "routed"
    static let version = 2
    static let routes = Routed.routes
    func run(_ context: Context) async throws -> [String: String] { ["version": "two"] }
}

/// A later version that brings none.
struct UnroutedThree: Action {
    static let name = "routed"
    static let version = 3
    func run(_ context: Context) async throws -> [String: String] { ["version": "three"] }
}

/// Wants what is another's.
struct Rival: Action {
    static let routes = [Route([.post, .put], "/Routed/")]
    func run(_ context: Context) async throws -> NoOutput { NoOutput() }
}

/// Says itself who may read it.
struct Readable: Action {
    @Input("addHeader or setHeader") var how: String

    func run(_ context: Context) async throws -> NoOutput {
        if how == "add" {
            context.response.addHeader("Access-Control-Allow-Origin", "*")
        } else {
            context.response.setHeader("Access-Control-Allow-Origin", "*")
        }
        return NoOutput()
    }
}

/// Is for other code of the process only, or for a route of the configuration.
struct Quiet: Action {
    static let automaticRoute = false
    func run(_ context: Context) async throws -> NoOutput { NoOutput() }
}

struct Malformed: Action {
    static let routes = [Route(.get, "/:x([)")]
    func run(_ context: Context) async throws -> NoOutput { NoOutput() }
}

@Suite("methods")
struct MethodTests {
    private func serve(
        web: JSON = [:], routes: JSON = [:], files: [String: String] = [:],
        _ body: (WebProcess) async throws -> Void
    ) async throws {
        var settings = web.objectValue ?? [:]
        settings["automaticRoutes"] = ["get"]
        try await WebProcess.serve(
            .init(actions: [Greet.self, Routed.self], web: .object(settings), routes: routes, files: files), body)
    }

    @Test("an action brings its own routes")
    func bundleRoutes() async throws {
        try await serve { web async throws in
            #expect(try await web.request("/api/routed/ada").member("name") == "ada")
            #expect(try await web.request("/api/rest/a/b").member("name") == "a/b")
            #expect(try await web.request("/api/routed", method: "PUT").status == 200)
            #expect(try await web.request("/api/routed", method: "PATCH").status == 200)
        }
    }

    @Test("routes that fit the same paths stop the boot, with the places of both")
    func conflicts() async throws {
        func problems(_ setup: WebProcess.Setup) -> [String] {
            let error = #expect(throws: BundlesRefused.self) { try WebProcess.load(setup) }
            return error?.problems.map { "\($0.code.rawValue) \($0.message)" } ?? []
        }
        #expect(
            problems(.init(actions: [Routed.self, Rival.self]))
                == [
                    "HB303 the route PUT /routed is defined by actions/1.so and actions/0.so: "
                        + "as /Routed/ of action rival and as /routed of action routed"
                ])
        let routes: JSON = ["put": [["path": "/routed", "action": "x"]]]
        #expect(
            problems(.init(actions: [Routed.self], routes: routes))
                == ["HB303 the route PUT /routed is defined by ACTIONHERO_CONFIG_OVERRIDES and actions/0.so"])
        #expect(
            problems(.init(actions: [Malformed.self])).first?
                .hasPrefix("HB306 actions/0.so: action `malformed`: its route /:x([) has the regular expression")
                == true)
    }

    @Test(
        "an action with a route is found there only, in every environment", arguments: ["development", "production"])
    func noSecondPath(environment: String) async throws {
        var setup = WebProcess.Setup(actions: [Routed.self, Quiet.self, Greet.self, First.self, Second.self])
        setup.environment = environment
        setup.routes = ["post": [["path": "/old", "action": "versioned", "apiVersion": "1"]]]
        try await WebProcess.serve(setup) { web async throws in
            for method in ["GET", "HEAD", "POST", "DELETE"] {
                #expect(try await web.request("/api/routed", method: method).status == 405)
                #expect(try await web.request("/api/quiet", method: method).status == 404)
                #expect(try await web.request("/api/versioned", method: method).status == 404)
                #expect(try await web.request("/api/greet?name=x", method: method).status == 200)
            }
            #expect(try await web.request("/api/routed", method: "PUT").status == 200)
            #expect(try await web.request("/api/old", method: "POST").status == 200)
        }
    }

    @Test("a version without a route of its own does not open the path that another version keeps closed")
    func noSecondPathForOtherVersions() async throws {
        try await WebProcess.serve([Routed.self, UnroutedThree.self]) { web async throws in
            #expect(try await web.request("/api/routed", method: "POST").status == 405)
            #expect(try await web.request("/api/routed/ada").member("version") == "three")
        }
    }

    @Test("one line says which methods lead to actions by their names")
    func oneLine() async throws {
        try await WebProcess.serve([Greet.self]) { web async throws in
            let text = "creating routes automatically for all actions responding to "
            #expect(try web.log(text + "HEAD, GET, POST, PUT, PATCH, DELETE HTTP verbs").count == 1)
        }
        try await serve { web async throws in
            #expect(
                try web.log("creating routes automatically for all actions responding to GET HTTP verb").count == 1)
        }
    }

    @Test("versions of one action may share their routes")
    func versions() async throws {
        try await WebProcess.serve([Routed.self, RoutedTwo.self]) { web async throws in
            #expect(try await web.request("/api/routed/ada").text.contains("two"))
            #expect(try await web.request("/api/routed/ada?apiVersion=1").member("name") == "ada")
        }
    }

    @Test("HEAD answers what GET would, without the body", arguments: ["/api/greet?name=x", "/api/routed/ada"])
    func head(target: String) async throws {
        try await serve { web async throws in
            let response = try await web.request(target, method: "HEAD")
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
        }
    }

    @Test("a path that answers other methods says which")
    func notAllowed() async throws {
        try await serve { web async throws in
            let response = try await web.request("/api/routed", method: "DELETE")
            #expect(response.status == 405)
            #expect(response["allow"] == "PUT, PATCH, OPTIONS")
            #expect(response.error == "this path does not answer DELETE; it answers PUT, PATCH, OPTIONS")
            #expect(try await web.request("/api/greet", method: "POST")["allow"] == "GET, HEAD, OPTIONS")
            #expect(try await web.request("/api/greet", method: "PURGE").status == 405)
            let unknown = try await web.request("/api/nope", method: "POST")
            #expect(unknown.status == 404)
            #expect(unknown["allow"] == nil)
        }
    }

    @Test("TRACE is answered only where it is switched on")
    func trace() async throws {
        try await serve { web async throws in
            let refused = try await web.request("/api/greet?name=x", method: "TRACE")
            #expect(refused.status == 405)
            #expect(refused["allow"]?.contains("TRACE") == false)
        }
        try await serve(web: ["trace": true]) { web async throws in
            let response = try await web.request("/api/greet?name=x", method: "TRACE")
            #expect(response.status == 200)
            #expect(response.member("receivedParams")?["name"] == "x")
            #expect(try await web.request("/api/greet", method: "POST")["allow"] == "GET, HEAD, OPTIONS, TRACE")
        }
    }

    @Test("a preflight is answered for any path, with the configured headers")
    func preflight() async throws {
        try await serve { web async throws in
            let response = try await web.request("/api/nope", method: "OPTIONS", headers: [("Origin", "https://a.org")])
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(response["access-control-allow-origin"] == "*")
            #expect(response["access-control-allow-methods"]?.contains("PATCH") == true)
        }
    }

    @Test(
        "a preflight has methods and origins also where the configuration removes them",
        arguments: [nil, false] as [JSON])
    func preflightWithout(removed: JSON) async throws {
        let headers: JSON = ["Access-Control-Allow-Methods": removed, "Access-Control-Allow-Origin": removed]
        try await serve(web: ["httpHeaders": headers]) { web async throws in
            let preflight = try await web.request("/api/greet", method: "OPTIONS")
            #expect(preflight["access-control-allow-methods"] == "HEAD, GET, POST, PATCH, PUT, DELETE, OPTIONS, TRACE")
            #expect(preflight["access-control-allow-origin"] == "*")
            #expect(try await web.request("/api/greet?name=x")["access-control-allow-methods"] == nil)
        }
    }

    @Test("what no action sees leaves a line that says who asked for what")
    func refusalLines() async throws {
        try await serve { web async throws in
            _ = try await web.request("/api/routed", method: "DELETE")
            _ = try await web.request(
                "/api/routed", method: "PUT", headers: [("Content-Type", "application/json")], body: "{")
            let lines = try web.log("a request was refused")
            #expect(lines.map { $0["status"] } == [405, 400])
            #expect(lines.map { $0["method"] } == ["DELETE", "PUT"])
            #expect(lines.allSatisfy { $0["level"] == "info" && $0["from"] == "127.0.0.1" })
            #expect(lines.allSatisfy { $0["pathname"] == "/api/routed" })
        }
    }

    @Test("paths match however browsers spell them, prefixes too")
    func spellings() async throws {
        let routes: JSON = ["get": [["path": "/grüße/:name", "action": "greet"]]]
        try await serve(routes: routes) { web async throws in
            for path in ["/api/gr%C3%BC%C3%9Fe/a%2Fb", "/%61pi/gr\u{FC}\u{DF}e/a%2fb", "/api/GR%C3%9C%C3%9Fe/a%2fb"] {
                #expect(try await web.request(path).member("greeting") == "Hi a/b", "\(path)")
            }
            #expect(try await web.request("/%61pi/gr%45%45t?name=x").status == 404, "it has a route")
            #expect(try await web.request("/api/r%6Futed/ada").member("name") == "ada")
        }
    }

    @Test("configured origins, and only they, are told that they may read", arguments: ["OPTIONS", "GET"])
    func origins(method: String) async throws {
        let cors: JSON = ["origins": ["https://a.org", "https://b.org"], "credentials": true, "maxAge": 600]
        try await serve(web: ["cors": cors], files: ["public/x.txt": "x"]) { web async throws in
            for target in ["/api/greet?name=x", "/x.txt", "/api/nope"] {
                let allowed = try await web.request(target, method: method, headers: [("Origin", "https://b.org")])
                #expect(allowed["access-control-allow-origin"] == "https://b.org")
                #expect(allowed["access-control-allow-credentials"] == "true")
                #expect(allowed["vary"] == "Origin")
                #expect(allowed["access-control-max-age"] == (method == "OPTIONS" ? "600" : nil))
                for headers in [[("Origin", "https://c.org")], [("Origin", "null")], []] {
                    let refused = try await web.request(target, method: method, headers: headers)
                    #expect(refused["access-control-allow-origin"] == nil)
                    #expect(refused["access-control-allow-credentials"] == nil)
                    #expect(refused["vary"] == "Origin")
                }
            }
        }
    }

    @Test("an action that says itself who may read its response has the last word")
    func ownOrigin() async throws {
        let web: JSON = [
            "cors": ["origins": ["https://a.org"], "credentials": true],
            "httpHeaders": ["Access-Control-Allow-Credentials": "true"],
        ]
        try await WebProcess.serve([Greet.self, Readable.self], web: web) { web async throws in
            func values(_ target: String) async throws -> [String] {
                try await web.request(target, headers: [("Origin", "https://a.org")]).headers
                    .filter { $0.name.lowercased().hasPrefix("access-control-allow-") && $0.value != "Content-Type" }
                    .filter { !$0.value.contains("GET") }.map { "\($0.name): \($0.value)" }.sorted()
            }
            #expect(
                try await values("/api/greet?name=x") == [
                    "access-control-allow-credentials: true", "access-control-allow-origin: https://a.org",
                ])
            for how in ["add", "set"] {
                let origins = try await values("/api/readable?how=\(how)").filter { $0.lowercased().contains("origin") }
                #expect(origins.map { $0.lowercased() } == ["access-control-allow-origin: *"])
            }
        }
    }

    @Test(
        "a script learns why its request was refused, although it was not read",
        arguments: [[:], ["origins": ["https://a.org"]]] as [JSON])
    func refusals(cors: JSON) async throws {
        let limits: JSON = ["bodySize": 10]
        try await serve(web: ["limits": limits, "cors": cors]) { web async throws in
            let origin = cors["origins"] == nil ? "*" : "https://a.org"
            let request = "POST /api/greet HTTP/1.1\r\nHost: a\r\nOrigin: https://a.org\r\n"
            for rest in ["Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nB\r\n01234567890\r\n"] {
                let response = try #require(try await web.raw(request + rest).first)
                #expect(response.status == 413)
                #expect(response["access-control-allow-origin"] == origin)
            }
            let other = try await web.raw(
                "POST /api/greet HTTP/1.1\r\nHost: a\r\nOrigin: https://c.org\r\nContent-Length: 11\r\n\r\n")
            #expect(other.first?["access-control-allow-origin"] == (origin == "*" ? "*" : nil))
            let lines = try web.log("a request was refused")
            #expect(lines.map { $0["status"] } == [413, 413, 413])
            #expect(lines.first?["pathname"] == "/api/greet" && lines.first?["from"] == "127.0.0.1")
        }
    }

    @Test("a route leads to a directory, and no path out of it")
    func directories() async throws {
        let routes: JSON = ["get": [["path": "/docs", "dir": "manual", "matchTrailingPathParts": true]]]
        let files = [
            "manual/index.html": "start", "manual/deep/a.txt": "deep", "secret.txt": "no", "public/b.txt": "b",
        ]
        try await serve(routes: routes, files: files) { web async throws in
            #expect(try await web.request("/docs").text == "start")
            #expect(try await web.request("/docs/").text == "start")
            #expect(try await web.request("/docs/deep/a.txt").text == "deep")
            #expect(try await web.request("/docs/deep/a.txt", method: "HEAD")["content-length"] == "4")
            #expect(try await web.request("/b.txt").text == "b")
            for path in ["../secret.txt", "%2e%2e/secret.txt", "deep/../../secret.txt", "..%2fsecret.txt", "b.txt"] {
                #expect(try await web.request("/docs/\(path)").status == 404, "\(path)")
            }
            #expect(try await web.request("/api/docs/deep/a.txt").status == 404)
        }
    }

    @Test("prefixes may have several parts")
    func prefixes() async throws {
        let web: JSON = ["urlPathForActions": "/deep/actions", "urlPathForFiles": "deep/files"]
        try await serve(web: web, files: ["public/x.txt": "x"]) { web async throws in
            #expect(try await web.request("/deep/actions/greet?name=x").status == 200)
            #expect(try await web.request("/deep/files/x.txt").text == "x")
            #expect(try await web.request("/deep/x.txt").status == 404)
            #expect(try await web.request("/api/greet").status == 404)
        }
    }

    @Test(
        "a route to an action that does not exist is answered as an unknown action, and logged when the server starts")
    func unknownAction() async throws {
        try await serve(routes: ["get": [["path": "/broken", "action": "nope"]]]) { web async throws in
            let response = try await web.request("/api/broken")
            #expect(response.status == 404)
            #expect(response.error == "unknown action or invalid apiVersion")
            let lines = try web.log("a route leads to an action that does not exist")
            #expect(lines.first?["action"] == "nope")
            #expect(lines.first?["route"] == "GET /broken")
        }
    }
}
