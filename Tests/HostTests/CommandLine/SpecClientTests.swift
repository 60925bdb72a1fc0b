// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("what a project's tests can send and see")
struct SpecClientTests {
    private static let actions = """
        import ActionHero

        struct Keys: Action {
            func run(_ context: Context) async throws -> [String: String] {
                guard context.connection.request?.header("X-Key") == "1=2" else {
                    context.response["hint"] = "send a key"
                    throw ActionError("no key", code: "E_KEY", status: 403, fields: ["left": 2])
                }
                context.response.status = 202
                context.response.setCookie(Cookie("seen", "yes"))
                return ["cookie": context.connection.request?.cookies["seen"] ?? "none"]
            }
        }

        struct Endless: Action {
            func run(_ context: Context) async throws -> NoOutput {
                let (ticks, feed) = AsyncStream<ServerSentEvent>.makeStream()
                feed.yield(ServerSentEvent("tick"))
                context.response.sendEvents(ticks)
                context.session["feed"] = feed
                return NoOutput()
            }
        }

        struct Table: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.response.send("a,b\\n1,2\\n", headers: ["Content-Type": "text/csv"])
                return NoOutput()
            }
        }
        """

    @Test(
        "status, headers, cookies, codes and streams of an answer reach a test, and headers, cookies and bodies the action"
    )
    func seesEverything() async throws {
        let project = try TestProject([
            "actions/keys.swift": Self.actions,
            // What is configured for a server is not to disturb the tests, nor these it.
            "config/web.yml": "test:\n  secure: true\n  port: 1\n  serverOptions:\n    cert: nowhere.pem\n",
            "public/café.txt": "coffee",
            "actions/keysTests.swift": """
            import ActionHero
            import Testing

            @Test("headers are sent, and what comes back is seen")
            func headers() async throws {
                let refused = try await SpecHelper.fetch("GET", "/api/keys")
                #expect(refused.status == 403)
                #expect(refused["code"] == "E_KEY")
                #expect(refused["hint"] == "send a key")
                #expect(refused.header("content-type")?.hasPrefix("application/json") == true)
                #expect(await SpecHelper.runAction("keys")["code"] == "E_KEY")
                #expect(await SpecHelper.runAction("keys")["left"] == 2)
                let browser = SpecClient()
                let first = try await browser.fetch("GET", "/api/keys", headers: ["X-Key": "1=2"])
                #expect(first.status == 202)
                #expect(first["cookie"] == "none")
                #expect(first.cookies["seen"] == "yes")
                #expect(try await browser.fetch("GET", "/api/keys", headers: ["x-key": "1=2"])["cookie"] == "yes")
            }

            @Test("a stream without an end is taken as far as it has come")
            func streams() async throws {
                var request = SpecRequest("GET", "/api/endless")
                request.maximumBodySize = 10
                let answer = try await SpecClient().fetch(request)
                #expect(answer.isComplete == false)
                #expect(answer.text == "data: tick")
            }

            @Test("a target that is not encoded is refused in words")
            func targets() async throws {
                let refused = await #expect(throws: SpecHelperError.self) { try await SpecHelper.fetch("GET", "/api/é") }
                #expect(refused?.description == "GET /api/é: a target cannot have 'é' in it; encode it as %C3%A9")
                let blank = await #expect(throws: SpecHelperError.self) { try await SpecHelper.fetch("GET", "/a b") }
                #expect(blank?.description == "GET /a b: a target cannot have ' ' in it; encode it as %20")
            }

            @Test("public files, unknown paths and HEAD are answered as everybody is")
            func files() async throws {
                #expect(try await SpecHelper.fetch("GET", "/public/caf%C3%A9.txt").text == "coffee")
                #expect(try await SpecHelper.fetch("GET", "/public/tea.txt").status == 404)
                #expect(try await SpecHelper.fetch("HEAD", "/api/table").body.isEmpty)
                #expect(try await SpecHelper.fetch("GET", "/api/table").text == "a,b\\n1,2\\n")
            }
            """,
        ])
        let tested = try await project.hero("test")
        #expect(tested.code == 0, "\(tested.output)\(tested.error)")
        #expect((tested.output + tested.error).contains("Test run with 4 tests"))
    }

    @Test("hero action prints all that a client would get: codes, added members, bodies that are no JSON")
    func actionPrintsEverything() async throws {
        let project = try TestProject(["actions/keys.swift": Self.actions])
        try await project.build()
        let refused = try await project.hero("action", "keys")
        #expect(refused.code == 1)
        #expect(
            refused.error == """
                {
                  "hint": "send a key",
                  "error": "no key",
                  "left": 2,
                  "code": "E_KEY"
                }

                """)
        let table = try await project.hero("action", "table")
        #expect(table.output == "a,b\n1,2\n")
        #expect(table.code == 0)
    }
}
