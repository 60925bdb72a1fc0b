// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroBundles
import HeroTestSupport
import Testing

@Suite("whose projects are trusted")
struct ProjectTrustTests {
    private let project: TestProject

    init() throws { project = try TestProject(["actions/a.so": "", "other/file": ""]) }

    private func check(_ paths: [String], caller: UInt32? = nil, safe: [String] = []) throws {
        var trust = ProjectTrust(root: project.root, caller: caller, safe: SafeDirectories(safe))
        try trust.check(paths)
    }

    @Test("the caller's own and what does not exist are")
    func own() throws {
        try check(["actions/a.so", "actions/none.so", "none/none", project.path("other/file"), "/none"])
    }

    @Test("somebody else's are not, unless they are named", .enabled(if: getuid() != 0))
    func others() throws {
        #expect(throws: UntrustedProject.self) { try check([], caller: 4242) }
        try check(["actions/a.so"], caller: 4242, safe: [project.root])
        try check(["actions/a.so"], caller: 4242, safe: ["\(project.root)/../*"])
        #expect(throws: UntrustedProject.self) { try check([], caller: 4242, safe: ["\(project.root)/actions"]) }
    }

    @Test(
        "what everybody, or another group, may write to is not the caller's",
        arguments: ["", "actions", "actions/a.so"])
    func writable(path: String) throws {
        let full = project.path(path)
        for (mode, words) in [(0o777, "everybody (mode 0777)"), (0o666, "everybody (mode 0666)")] as [(UInt32, String)]
        {
            #expect(chmod(full, mode) == 0)
            guard getuid() == 0 || mode == 0o777 else { continue }
            let refused = #expect(throws: UntrustedProject.self) { try check(["actions/a.so"]) }
            #expect(refused?.description.contains("can be written by \(words)") == true)
            try check(["actions/a.so"], safe: [project.root])
        }
        #expect(chmod(full, 0o775) == 0)
        try check(["actions/a.so"])
        guard getuid() == 0 else { return }
        #expect(chown(full, 0, 4243) == 0)
        let refused = #expect(throws: UntrustedProject.self) { try check(["actions/a.so"]) }
        #expect(refused?.description.contains("can be written by the group 4243 (mode 0775)") == true)
        #expect(chmod(full, 0o755) == 0)
        try check(["actions/a.so"])
    }

    @Test("in a directory with the sticky bit everybody's own is looked at, and a link's mode says nothing")
    func sticky() throws {
        #expect(chmod(project.path("actions"), 0o1777) == 0)
        #expect(symlink("a.so", project.path("actions/b.so")) == 0)
        try check(["actions/a.so", "actions/b.so"])
    }

    @Test("what leads to a project, and to what its links lead to, counts", .enabled(if: getuid() == 0))
    func above() throws {
        let other = try TestProject(["shared/config/redis.yml": "", "shared/deep/project/config/api.yml": ""])
        #expect(symlink(other.path("shared/config"), project.path("config")) == 0)
        try check(["config/redis.yml"])
        func refuses(_ path: String, _ change: () -> Int32, back: () -> Int32) throws {
            #expect(change() == 0)
            let refused = #expect(throws: UntrustedProject.self) { try check(["config/redis.yml"]) }
            #expect(refused.map { "\($0)".contains("\(path) ") } == true)
            #expect(back() == 0)
        }
        let shared = other.path("shared").replacing("//", with: "/")
        try refuses(shared) {
            chmod(shared, 0o777)
        } back: {
            chmod(shared, 0o755)
        }
        try refuses(shared) {
            chown(shared, 4242, 0)
        } back: {
            chown(shared, 0, 0)
        }
        try refuses("\(shared)/config/redis.yml") {
            chmod("\(shared)/config/redis.yml", 0o666)
        } back: {
            chmod("\(shared)/config/redis.yml", 0o644)
        }
        // A group may share what only leads there.
        #expect(chown(shared, 0, 4243) == 0 && chmod(shared, 0o775) == 0)
        try check(["config/redis.yml"])
        var trust = ProjectTrust(root: "\(shared)/deep/project", safe: SafeDirectories([]))
        try trust.check(["config/api.yml"])
        #expect(chown("\(shared)/deep", 4242, 0) == 0)
        trust = ProjectTrust(root: "\(shared)/deep/project", safe: SafeDirectories([]))
        #expect(throws: UntrustedProject.self) { try trust.check([]) }
    }

    @Test("a link whose target is no text is followed as the system follows it", .enabled(if: getuid() == 0))
    func bytes() async throws {
        let made = try await Program.run(
            "sh",
            ["-c", #"d=$(printf 'x\377'); mkdir "$d"; : >"$d/f"; chown 4242 "$d/f"; ln -s "../$d/f" actions/link"#],
            directory: project.root)
        #expect(made.code == 0, "\(made.error)")
        #expect(throws: UntrustedProject.self) { try check(["actions/link"]) }
    }

    @Test("links that lead in a circle lead nowhere, and do not keep the check from ending")
    func circle() throws {
        #expect(
            symlink("b.so", project.path("actions/c.so")) == 0 && symlink("c.so", project.path("actions/b.so")) == 0)
        try check(["actions/b.so"])
    }

    @Test("another spelling of a name is another directory")
    func comparesBytes() throws {
        let composed = SafeDirectories(["/none/caf\u{E9}"])
        #expect(composed.contains("/none/caf\u{E9}"))
        #expect(!composed.contains("/none/cafe\u{301}"))
    }
}
