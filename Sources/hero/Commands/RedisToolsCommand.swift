// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroBundles
import HeroRedis
import HeroRuntime
import HeroServers
import HeroShared
import HeroSystem

struct RedisToolsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis", abstract: "Look at the project's Redis.", subcommands: [Doctor.self])

    struct Doctor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "doctor", abstract: "Examine the configured Redis and say what to change.",
            discussion: """
                Looks at every server that the roles client, subscriber and tasks use. An error ends with status 1. Writes \
                only keys of its own, and removes them. The embedded server is looked at when it runs, and not started.
                """)

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let setup = options.setup(.command)
            let application = try Refusal.reported { try setup.makeApplication() }
            guard let plan = try Refusal.reported({ try RedisPlan.read(application) }) else {
                Terminal.print(json ? "[]" : "redis.enabled is false: there is nothing to examine")
                return
            }
            // It looks, and so uses the embedded server when one runs, and never starts one.
            let redis = try Refusal.reported { try ProcessRedis(using: application, socket: nil) }
            guard let clients = redis.clients else { return }
            let doctor = RedisDoctor(plan, application, clients, on: redis.loop.eventLoop) { subject in
                await JobCheckup(subject, application, clients.tasks).findings()
            }
            let findings = await doctor.examine()
            await redis.close()
            if json {
                Terminal.print(.array(findings.map(\.json)))
            } else {
                for finding in findings { Terminal.print(Self.text(finding)) }
            }
            if findings.contains(where: { $0.level == .error }) { throw ExitCode(1) }
        }

        private static func text(_ finding: RedisFinding) -> String {
            let level = finding.level.rawValue
            let line =
                "\(level)\(String(repeating: " ", count: 8 - level.count))"
                + "\(finding.subject): \(finding.check): \(PlainText.line(finding.found))"
            return finding.remedy.map { "\(line)\n        \($0)" } ?? line
        }
    }
}
