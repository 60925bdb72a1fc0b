// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroSystem
import Testing

@testable import HeroCluster

@Suite("listening sockets of the master")
struct ListenerTableTests {
    @Test("a Unix socket whose file was removed is known, and is made anew for the workers that start from then on")
    func removed() throws {
        let path = "\(NSTemporaryDirectory())/listeners-\(UUID().uuidString.prefix(8))"
        let listener = ClusterPlan.Listener(name: "web", .unix(path: path), access: SocketAccess())
        let table = ListenerTable()
        defer { table.closeAll() }
        #expect(table.open([listener]).isEmpty && table.withoutFile.isEmpty)
        let first = try #require(table.all.first?.descriptor)
        // Nothing is done to what is in its place.
        #expect(table.open([listener]).isEmpty && table.all.first?.descriptor == first)

        try FileManager.default.removeItem(atPath: path)
        #expect(table.withoutFile == [listener])
        #expect(table.open([listener]).isEmpty)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(table.withoutFile.isEmpty && table.all.count == 1)
        #expect(table.descriptors(for: [listener]).count == 1)

        table.closeAll()
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
