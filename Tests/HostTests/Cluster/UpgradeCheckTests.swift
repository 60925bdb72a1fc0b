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

    @Test("bad bundles on disk keep nobody from a new executable: what serves goes on under it, and the answer says so")
    func badDeployOnDisk() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let tree = try InstalledTree(in: project)
        let hero = try Data(contentsOf: URL(fileURLWithPath: Stage.hero))
        try await tree.install(hero)
        let cluster = try await RunningCluster.start(workers: 2, project: project, executable: tree.executable)
        try await cluster.putVersion(2)
        try await cluster.deploy()
        #expect(try await cluster.command("rollback").code == 0)
        var old = try await cluster.workers
        try await upgrade(
            cluster, tree, hero, instead: old, "this content was rolled back before: rolled back by command")
        for bad in [BadDeploy.truncated, .otherCompiler, .invalidYAML, .initializerThrows] {
            old = try await cluster.workers
            let files = try await ClusterBundles.shared.value.files(bad)
            let before = files.keys.map { ($0, try? project.bytes($0)) }
            for (path, bytes) in files { try cluster.put(bytes, at: path) }
            try await upgrade(cluster, tree, hero, instead: old, bad.reason)
            for (path, bytes) in before {
                if let bytes { try cluster.put(bytes, at: path) } else { unlink(project.path(path)) }
            }
        }
        #expect(try await cluster.stop() == 0)
    }

    private func upgrade(
        _ cluster: RunningCluster, _ tree: InstalledTree, _ hero: Data, instead old: [Int32], _ reason: String
    ) async throws {
        try await tree.install(hero)
        let upgraded = try await cluster.command("upgrade")
        #expect(upgraded.code == 0, "\(upgraded)")
        let effect = "what is on disk is not deployed; generation 1 goes on under the new executable"
        #expect(upgraded.output.contains(effect) && upgraded.output.contains(reason), "\(upgraded)")
        let status = try await cluster.status { $0.workers.count == 2 }
        #expect(Set(status.workers.map(\.pid)).isDisjoint(with: old))
        #expect(status.workers.allSatisfy { $0.generation == 1 })
        #expect(try await cluster.version() == "variant-0000000000")
    }
}
