// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroRuntimeTestSupport
import HeroSystem
import Testing

@Suite("connections by their ids")
struct ConnectionRegistryTests {
    @Test("are found until they are removed, and only the one that is meant is removed")
    func finding() {
        let registry = ConnectionRegistry()
        let (first, second) = (HeldConnection("a"), HeldConnection("a"))
        registry.add(first)
        #expect(registry.find("a") === first && registry.find("b") == nil)
        registry.add(second)
        registry.remove(first)
        #expect(registry.find("a") === second && registry.count == 1)
        registry.remove(second)
        #expect(registry.find("a") == nil && registry.count == 0)
    }

    @Test("are requests, too, whose whole id has to be known")
    func requests() {
        let registry = ConnectionRegistry()
        let uuid = UUID4.random()
        let request = HeldConnection("someone-\(uuid.text)")
        registry.add(request, uuid: uuid)
        #expect(registry.find("someone-\(uuid.text)") === request)
        for id in [uuid.text, "other-\(uuid.text)", "someone-\(UUID4.random().text)", ""] {
            #expect(registry.find(id) == nil)
        }
        registry.removeRequest(uuid)
        #expect(registry.find("someone-\(uuid.text)") == nil)
    }

    @Test("have UUIDs that can be read back, in the form in which they are written and in no other")
    func uuid() {
        for _ in 1...100 {
            let uuid = UUID4.random()
            #expect(UUID4(uuid.text) == uuid)
        }
        let text = "2b1d3f4e-0000-4abc-8def-0123456789ab"
        #expect(UUID4(text)?.text == text)
        for wrong in [
            text.uppercased(), String(text.dropLast()), text + "0", "2b1d3f4e+0000-4abc-8def-0123456789ab", "",
        ] {
            #expect(UUID4(wrong) == nil)
        }
    }

    @Test("are looked for on all loops of the process")
    func loops() async throws {
        let directory = ConnectionDirectory()
        #expect(await directory.find("a") == nil)
        let loops = [LoopOfConnections(directory), LoopOfConnections(directory)]
        let (first, second) = (HeldConnection("a"), HeldConnection("b"))
        try await loops[0].add(first)
        try await loops[1].add(second)
        #expect(await directory.find("a") === first)
        #expect(await directory.find("b") === second)
        #expect(await directory.find("c") == nil)
        #expect(await directory.count == 2)
        try await loops[0].remove(first)
        #expect(await directory.find("a") == nil)
    }
}
