// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("docs/differences.md, where nothing was recorded")
struct UnrecordedDifferencesTests {
    @Test("in production the text of an unexpected error is for the log, that of an ActionError for the client")
    func hidesUnexpectedErrors() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start(environment: ["ACTIONHERO_ENV": "production", "LOG_LEVEL": "info"])
        let unexpected = try await hero.request("/api/throwing?kind=error")
        #expect(unexpected.status == 500)
        #expect(unexpected.text == #"{"error":"the server could not complete this request"}"#)
        try await hero.line(containing: "error=Error: boom")
        let meant = try await hero.request("/api/throwing?kind=code402")
        #expect(meant.status == 402)
        #expect(meant.text == #"{"error":"boom"}"#)
        #expect(try await hero.stop() == 0)
    }

    @Test("middleware's after runs also when the action was skipped or failed")
    func runsAfter() async throws {
        let project = try await FixtureProject.make()
        let hero = try await project.start()
        let order = try await JSON(parsing: hero.request("/api/mwOrder").body)["order"]
        #expect(order == ["pre-b", "pre-a", "run", "post-b", "post-a"])
        let skipped = try await JSON(parsing: hero.request("/api/mwStop").body)
        #expect(skipped["order"] == ["pre-a", "post-a", "post-stop"])
        #expect(skipped["ran"] == nil)
        let blocked = try await JSON(parsing: hero.request("/api/mwBlocked").body)
        #expect(blocked["error"] == "BLOCKED")
        #expect(blocked["order"] == ["pre-a", "post-a"])
        #expect(try await hero.stop() == 0)
    }

    @Test("the default address is every one, written as URLs write it, and no line ends with a space")
    func writesAddressesAndLines() async throws {
        let project = try await FixtureProject.make()
        try project.remove("config/servers/web.yml")
        let hero = try await project.start()
        let port = try await hero.port
        #expect(hero.messages.contains("notice: Starting server: `web` @ http://[::]:\(port)"))
        #expect(try await hero.request("/api/randomNumber").status == 200)
        #expect(try await hero.stop() == 0)
        #expect(hero.lines.allSatisfy { !$0.hasSuffix(" ") })
    }
}
