// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroTestSupport
import Testing

@testable import HeroSystem

@Suite("a process's name and pidfile")
struct IdentityTests {
    @Test("the title wins over the environment, that over the configuration, that over the address")
    func precedence() {
        let environment = ["ACTIONHERO_TITLE": "env"]
        func id(_ title: String?, _ environment: [String: String], _ configured: String?) -> String {
            ServerIdentity.determine(title: title, environment: environment, configured: configured)
        }
        #expect(id("title", environment, "configured") == "title")
        #expect(id(nil, environment, "configured") == "env")
        #expect(id("", [:], "configured") == "configured")
        #expect(!id(nil, [:], nil).isEmpty)
    }

    @Test("names of files have no colons, spaces or slashes")
    func sanitized() {
        #expect(ServerIdentity.sanitized("life:a b") == "life-a_b")
        #expect(ServerIdentity.sanitized(" ../x ") == "..-x")
    }

    @Test("a pidfile holds the number and nothing else, and only its owner removes it")
    func pidfile() throws {
        let project = try TestProject()
        let file = PidFile(directory: project.path("pids"), in: project.root, id: "a:b")
        try file.write()
        #expect(project.list("pids") == ["actionhero-a-b"])
        #expect(try Int(project.read("pids/actionhero-a-b")) != nil)
        try project.write("1", to: "pids/actionhero-a-b")
        #expect(file.remove())
        #expect(project.exists("pids/actionhero-a-b"))
        try file.write()
        #expect(file.remove())
        #expect(!project.exists("pids/actionhero-a-b"))
    }

    @Test("a pidfile replaces nothing that is no file, and makes no project")
    func refusedPidfile() throws {
        let project = try TestProject()
        try project.makeProject()
        let file = PidFile(directory: project.path("pids"), in: project.root, id: "a")
        try file.write()
        #expect(unlink(file.path) == 0)
        let others: [(String) -> Int32] = [{ mkfifo($0, 0o600) }, { mkdir($0, 0o700) }]
        for make in others {
            #expect(make(file.path) == 0)
            #expect(throws: FileError.self) { try file.write() }
            #expect(Glibc.remove(file.path) == 0)
        }
        let away = PidFile(directory: project.path("app/pids"), in: project.path("app"), id: "a")
        #expect(throws: FileError.self) { try away.write() }
        #expect(!project.exists("app"))
    }
}
