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

    @Test("another spelling of a name is another directory")
    func comparesBytes() throws {
        let composed = SafeDirectories(["/none/caf\u{E9}"])
        #expect(composed.contains("/none/caf\u{E9}"))
        #expect(!composed.contains("/none/cafe\u{301}"))
    }
}
