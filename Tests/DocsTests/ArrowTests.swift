// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("rooms of the sources")
struct ArrowTests {
    /// Everybody's.
    private static let system: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

    private let sources: SourceTree
    /// What each target may import, apart from the system's modules, as the table in `docs/architecture.md` says.
    private let arrows: [String: Set<String>]

    init() throws {
        sources = try SourceTree.read.get()
        arrows = try ArchitecturePage().arrows()
    }

    @Test("import what the table in docs/architecture.md lets them, and the table lets them import no more")
    func imports() {
        #expect(arrows.keys.sorted() == sources.rooms)
        for (room, modules) in sources.imports.sorted(by: { $0.key < $1.key }) {
            let (found, allowed) = (Set(modules.keys).subtracting(Self.system), arrows[room, default: []])
            for module in found.subtracting(allowed).sorted() {
                let files = modules[module, default: []].sorted().joined(separator: ", ")
                Issue.record("\(room) must not import \(module): \(files)")
            }
            #expect(allowed.subtracting(found) == [], "the table has arrows of \(room) that no file needs")
        }
    }

    @Test("import nothing that leads back to them")
    func pointOneWay() {
        for room in arrows.keys.sorted() { #expect(!reachable(from: room).contains(room), "\(room) leads to itself") }
    }

    @Test("keep the master apart from YAML, Redis, SwiftNIO and the runtime of actions")
    func keepMasterSmall() {
        let reached = reachable(from: "HeroCluster")
        let far: Set<String> = [
            "CYAML", "CHiredis", "HeroConfiguration", "HeroRedis", "HeroRuntime", "HeroServers", "HeroShared",
        ]
        #expect(reached.contains("HeroSystem"))
        #expect(reached.intersection(far) == [])
        #expect(reached.filter { $0.hasPrefix("NIO") } == [])
    }

    private func reachable(from room: String) -> Set<String> {
        var (reached, waiting): (Set<String>, [String]) = ([], [room])
        while let next = waiting.popLast() {
            for module in arrows[next, default: []] where reached.insert(module).inserted { waiting.append(module) }
        }
        return reached
    }
}
