// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("secrets on the machine", .timeLimit(.minutes(10)))
struct SecretsTests {
    private func commandLine(_ pid: Int32) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline"))
        return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
    }

    /// The umask that shells of containers sometimes have.
    private func start(_ words: String, in project: TestProject) throws -> RunningHero {
        let port = try RunningCluster.freePort()
        return try RunningHero(
            ["-c", "umask 000; exec \(Stage.hero) \(words)"], executable: "/bin/sh", directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "\(port)", "ACTIONHERO_ENV": "development"])
    }

    private let secrets =
        #"--set billing.apiKey=s3cret --set=general.serverToken=s3cret --set 'mail={"a":"s3cret"}'"#
        + #" --set 'shop.note=password: s3cret' --set 'shop.url=https://x/?p%61ssword=s3cret' --set shop.pins.a=s3cret"#
        + " --set shop.database=postgres://app:s3cret@db/shop --set billing.retries=17"

    private func project() async throws -> TestProject {
        let project = try TestProject([
            "actions/one.swift": BuildCommandTests.action("One"), "config/api.yml": "default: {}\n",
        ])
        try await project.build()
        return project
    }

    @Test("the command line of no process shows what --set was given in secret, also after USR2")
    func commandLines() async throws {
        let project = try await project()
        let hero = try start("start \(secrets)", in: project)
        try await hero.waitUntilServing()
        let line = try commandLine(hero.identifier)
        #expect(!line.contains("s3cret") && line.contains("billing.retries=17"), "\(line)")
        let mark = hero.lines.count
        hero.send(SIGUSR2)
        try await hero.line(containing: "Restarted ***", after: mark)
        #expect(try !commandLine(hero.identifier).contains("s3cret"))
        try await hero.stop()
        let cluster = try start("start cluster --workers=1 \(secrets)", in: project)
        try await cluster.line(containing: "cluster equilibrium")
        let all = [cluster.identifier] + ProcessTable.children(of: cluster.identifier)
        #expect(all.count >= 2)
        for pid in all { #expect(try !commandLine(pid).contains("s3cret")) }
        try await cluster.stop()
    }

    @Test(
        "files are the owner's and the group's, whatever the umask", arguments: ["start", "start cluster --workers=1"])
    func modes(_ words: String) async throws {
        let project = try await project()
        let hero = try start(words, in: project)
        try await hero.line(containing: words == "start" ? "Started ***" : "cluster equilibrium")
        try await hero.stop()
        let listed = try await Program.run(
            "find", ["log", "tmp", "pids", "-printf", #"%M %P %p\n"#], directory: project.root)
        #expect(listed.code == 0)
        for line in listed.output.split(separator: "\n").map(String.init) {
            let path = String(line.split(separator: " ").last ?? "")
            let mode = line.prefix(10)
            // Nobody else writes anywhere.
            #expect(!mode.hasSuffix("w-") && !mode.hasSuffix("wx"), "\(line)")
            switch path {
            case "log": #expect(mode == "drwxr-x---", "\(line)")
            case _ where path.hasPrefix("log/"): #expect(mode == "-rw-r-----", "\(line)")
            case "tmp/generations": #expect(mode == "drwx------", "\(line)")
            case _ where path.hasPrefix("tmp/generations/store/"): break
            case _ where path.hasPrefix("tmp/generations/") && mode.hasPrefix("-"):
                #expect(mode == "-rw-------", "\(line)")
            default: break
            }
        }
        #expect(listed.output.contains("generation.json"))
    }
}
