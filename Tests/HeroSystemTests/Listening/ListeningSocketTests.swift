// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroSystem
import HeroTestSupport
import Testing

@Suite("the file of a Unix socket")
struct ListeningSocketTests {
    private let project: TestProject
    private var path: String { project.path("a.sock") }

    init() throws { project = try TestProject() }

    private func listen() throws -> ListeningSocket { try ListeningSocket(.unix(path: path)) }

    private func refusal() -> String? {
        let error = #expect(throws: ListenError.self) { try listen() }
        return error?.description
    }

    @Test("is not made where something else lies, which stays as it is")
    func refuses() throws {
        try project.write("precious", to: "a.sock")
        #expect(refusal()?.contains("EADDRINUSE: address already in use \(path): a regular file is there") == true)
        #expect(try project.read("a.sock") == "precious")
        try project.remove("a.sock")

        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(refusal()?.contains("a directory is there") == true)
        try project.remove("a.sock")

        // To a stale socket, which would be removed if it were here.
        let stale = project.path("b.sock")
        let socket = try ListeningSocket(.unix(path: stale))
        let copy = try socket.duplicate()
        #expect(rename(stale, project.path("c.sock")) == 0)
        socket.close()
        close(copy)
        for target in ["c.sock", "nowhere"] {
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: project.path(target))
            #expect(refusal()?.contains("a symbolic link is there") == true)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == project.path(target))
            try project.remove("a.sock")
        }
        #expect(FileManager.default.fileExists(atPath: project.path("c.sock")))
    }

    @Test("of another user is left alone", .enabled(if: geteuid() == 0, "gives a file away"))
    func refusesOthers() throws {
        let socket = try listen()
        #expect(chown(path, 65_534, 65_534) == 0)
        socket.close()
        #expect(FileManager.default.fileExists(atPath: path), "it is not ours any more")
        #expect(refusal()?.contains("a socket of another user (65534) is there") == true)
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("of a process that listens is left alone, and of one that has gone replaced")
    func replacesStale() throws {
        let first = try listen()
        #expect(refusal()?.contains("another process listens there") == true)
        // As a process that is killed leaves it: the socket is gone, the file is not.
        let moved = project.path("kept.sock")
        #expect(link(path, moved) == 0)
        first.close()
        #expect(rename(moved, path) == 0)
        let second = try listen()
        second.close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("is removed by nobody but its own process")
    func removesItsOwn() throws {
        let first = try listen()
        #expect(unlink(path) == 0)
        let second = try listen()
        first.close()
        #expect(FileManager.default.fileExists(atPath: path), "another process listens here by now")
        second.close()
        try project.write("precious", to: "a.sock")
        let third = ListeningSocket(inherited: dup(1), address: .unix(path: path))
        third.close()
        #expect(try project.read("a.sock") == "precious")
    }

    @Test("has the permissions that were asked for, and new ones for nothing else")
    func permissions() throws {
        func mode() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        let socket = try ListeningSocket(.unix(path: path), access: SocketAccess(mode: 0o640))
        #expect(try mode() == 0o640)
        try socket.grant(SocketAccess(mode: 0o666))
        #expect(try mode() == 0o666)
        #expect(unlink(path) == 0)
        try project.write("precious", to: "a.sock")
        chmod(path, 0o600)
        #expect(throws: ListenError.self) { try socket.grant(SocketAccess(mode: 0o777)) }
        #expect(try mode() == 0o600)
        socket.close()
    }
}
