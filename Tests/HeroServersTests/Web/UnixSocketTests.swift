// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroConfiguration
import HeroRuntime
import HeroSystem
import HeroTestSupport
import Testing

@testable import HeroServers

@Suite("a Unix socket")
struct UnixSocketTests {
    /// Asks over a socket, as the user of the test or, where that may choose, as one whom nobody trusts.
    private func caller(_ path: String, asNobody: Bool = false) async throws -> String {
        let curl = [
            "-s", "--unix-socket", path, "-H", "X-Forwarded-For: 1.2.3.4", "-H", "X-Forwarded-Proto: https",
            "http://localhost/api/caller",
        ]
        let answer =
            asNobody
            ? try await Program.run(
                "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "curl"] + curl, directory: "/")
            : try await Program.run("curl", curl, directory: "/")
        return try JSON(parsing: answer.output)["caller"]?.stringValue ?? answer.output
    }

    private func serve(
        _ path: String, _ settings: JSON = [:], _ body: (WebProcess) async throws -> Void
    ) async throws {
        var web = settings
        web["port"] = .string(path)
        web["bindIP"] = nil
        try await WebProcess.serve([Caller.self], web: web, body)
    }

    @Test("that not everybody may open is believed about clients, whoever has opened it")
    func believed() async throws {
        let project = try TestProject()
        let path = project.path("web.sock")
        try await serve(path, ["socketMode": "0600"]) { web async throws in
            #expect(try await caller(path) == "1.2.3.4:0 https localhost")
            #expect(try web.log("a request was refused").isEmpty)
        }
    }

    @Test(
        "that everybody may open is believed of trusted users only", .enabled(if: geteuid() == 0, "changes its user"),
        arguments: [([], "0.0.0.0:0 http localhost"), (["65534"], "1.2.3.4:0 https localhost")] as [([JSON], String)])
    func believedOfSome(users: [JSON], nobody: String) async throws {
        let path = "/tmp/hero-\(UUID().uuidString).sock"
        try await serve(path, ["socketMode": "0666", "trustedUsers": .array(users)]) { web async throws in
            #expect(try await caller(path) == "1.2.3.4:0 https localhost", "root could read everything anyway")
            #expect(try await caller(path, asNobody: true) == nobody)
            let log = try web.project.read("log/test-development.log")
            #expect(log.contains("everybody on this machine may open the web server's socket") == users.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: path) || unlink(path) == 0)
    }

    @Test("is trusted as its file is, not as the configuration wishes")
    func trustedProxies() {
        let address = ListenAddress.unix(path: "/x")
        let everybody = TrustedProxies(["unix"], listeningOn: address)
        let some = TrustedProxies(["unix"], listeningOn: address, users: [0, 33])
        let none = TrustedProxies([], listeningOn: address, users: [0, 33])
        #expect(everybody.contains(nil) && everybody.contains(nil, user: 7) && !everybody.areUsersAsked)
        #expect(some.contains(nil, user: 33) && !some.contains(nil, user: 7) && !some.contains(nil))
        #expect(some.areUsersAsked && !none.areUsersAsked && !none.contains(nil, user: 0))
    }

    @Test("has the group that was asked for, and one that there is not stops the boot", .enabled(if: geteuid() == 0))
    func group() async throws {
        let project = try TestProject()
        let path = project.path("web.sock")
        try await serve(path, ["socketMode": "0660", "socketGroup": "65534"]) { _ in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
            #expect(attributes[.groupOwnerAccountID] as? Int == 65_534)
        }
        for (key, web) in [
            ("web.socketGroup", ["socketGroup": "no such group"]),
            ("web.trustedUsers", ["trustedUsers": ["no such user"]]),
        ] as [(String, JSON)] {
            let (_, process) = try WebProcess.load(.init(web: web))
            let error = #expect(throws: ConfigurationRefused.self) { try WebServerPlan(process.application) }
            #expect(error?.problems.map(\.key) == [key])
        }
    }
}
