// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("before a new executable takes over, it reads what it will be given")
struct UpgradeCheckTests {
    /// An executable that finds something else in the hand-over than this one writes, as one of another version would.
    private func program(replacing text: String, by other: String) -> Data {
        Data(
            """
            #!/bin/sh
            state=$(sed 's/\(text)/\(other)/' /proc/self/fd/5)
            printf %s "$state" > /proc/self/fd/5
            exec '\(Stage.hero)' "$@"

            """.utf8)
    }

    @Test("one that would forget a member, or cannot read the format, is refused with the reason; nothing has happened")
    func refused() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let tree = try InstalledTree(in: project)
        try await tree.install(try Data(contentsOf: URL(fileURLWithPath: Stage.hero)))
        let cluster = try await RunningCluster.start(workers: 1, project: project, executable: tree.executable)
        let old = try await cluster.workers
        for (text, other, reason) in [
            ("\"lockPath\":", "\"novelty\":1,\"lockPath\":", "this executable does not know novelty"),
            ("\"lockPath\":", "\"lackPath\":", "what the running executable hands over cannot be read"),
            ("\"format\":[0-9]*", "\"format\":99", "the running executable hands over format 99"),
        ] {
            try await tree.install(program(replacing: text, by: other))
            let refused = try await cluster.command("upgrade")
            #expect(refused.code == 1 && refused.error.contains("upgrade refused"), "\(refused)")
            #expect(refused.error.contains(reason), "\(refused)")
            #expect(try await cluster.workers == old)
        }
        #expect(try await cluster.request("/api/version").status == 200)
        #expect(try await cluster.stop() == 0)
    }
}
