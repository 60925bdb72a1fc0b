// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import HeroRedis

@Suite("paths of sockets")
struct SocketPathTests {
    /// Descriptors of this process that lead to a directory.
    private func descriptors(of directory: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == directory
        }
    }

    @Test("one that does not fit into an address has a short form, which goes with the object")
    func long() throws {
        let project = try TestProject(["\(String(repeating: "long-", count: 30))/file": "text"])
        let directory = try #require(
            realpath(project.path(String(repeating: "long-", count: 30)), nil).map { String(cString: $0) })
        for _ in 0..<3 {
            let path = SocketPath("\(directory)/file")
            #expect(path.fits && path.text.utf8.count < 60)
            #expect(FileManager.default.contents(atPath: path.text) == Data("text".utf8))
            #expect(try descriptors(of: directory) == 1)
            withExtendedLifetime(path) {}
        }
        #expect(try descriptors(of: directory) == 0)
    }

    @Test("one that fits stays as it is; one whose directory is missing does not fit")
    func others() {
        #expect(SocketPath("/run/a.sock").text == "/run/a.sock")
        #expect(!SocketPath("/none/\(String(repeating: "long-", count: 30))/file").fits)
    }
}
