// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("a single process")
struct SingleProcessTests {
    @Test("it starts, answers, and stops on TERM")
    func startsAndStops() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let hero = try await project.start()
        let response = try await hero.request("/api/hello?name=Sally")
        #expect(response.status == 200)
        #expect(response.text.contains("Hi Sally"))
        #expect(try await hero.stop() == 0)
    }
}

enum Sources {
    static let hello = """
        import ActionHero

        struct Hello: Action {
            @Input("who") var name: String
            struct Output: Encodable { let greeting: String }
            func run(_ context: Context) async throws -> Output { Output(greeting: "Hi \\(name)") }
        }
        """
}
