// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("commands of an application")
struct CommandRecordTests {
    private struct Sweep: Command {
        static let name = "clean up"
        static let description = "I clean up"
        static let example = "hero clean up --days 3"
        @Input("older than", validate: .range(1...)) var days: Int
        @Input("what", format: .custom { if $0 == "all" { throw ActionError("not all") } else { $0 } }) var what =
            "logs"

        func run(_ application: Application) async throws {
            let journal: Journal = try application.services.require()
            journal.add("\(what) \(days)")
        }
    }

    @Test("their inputs are read like an action's, and problems are told as flags")
    func running() async throws {
        let process = try InMemoryProcess([.command(Sweep.self)])
        let command = try #require(process.process.commands.first)
        #expect(command.name == "clean up" && command.description == "I clean up")
        #expect(command.example == "hero clean up --days 3" && command.inputs.names == ["days", "what"])
        func fault(_ parameters: JSON.Object) async -> String? {
            do {
                try await command.run(parameters, process.process.application.facade)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(await fault(["days": "3"]) == nil)
        #expect(process.journal.all == ["logs 3"])
        #expect(await fault([:]) == "--days is required")
        #expect(await fault(["days": "0"]) == "days must be at least 1")
        #expect(await fault(["days": 1, "what": "all"]) == "not all")
    }

    @Test("two of one name are refused with both bundles")
    func twice() {
        struct Again: Command {
            static let name = "clean up"
            func run(_ application: Application) async throws {}
        }
        let fault = InMemoryProcess.fault([.command(Sweep.self), .command(Again.self)])
        #expect(fault.contains("command clean up is defined by actions/0.so and actions/1.so"))
    }
}
