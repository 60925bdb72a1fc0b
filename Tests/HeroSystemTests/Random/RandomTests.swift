// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CHero
import Foundation
import Testing

@Suite("random bytes, which each thread fetches in blocks")
struct RandomTests {
    private static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        #expect(bytes.withUnsafeMutableBytes { bytes in bytes.baseAddress.map { hero_random($0, count) } } == 0)
        return bytes
    }

    @Test("do not repeat, on one thread or on several", .timeLimit(.minutes(10)))
    func areNew() async {
        let all = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<5000).map { _ in Self.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } } }
            }
            return await group.reduce(into: [UInt64]()) { $0 += $1 }
        }
        #expect(Set(all).count == 40_000)
    }

    @Test("fill what they are to fill, over the ends of blocks and beyond", arguments: 0..<12)
    func fill(power: Int) {
        for count in [1 << power, 3 << power] {
            // Of so many bytes, one stays 0 by chance in one of 2⁸⁰ cases.
            var seen = [UInt8](repeating: 0, count: count)
            for _ in 0..<12 { for (position, byte) in Self.bytes(count).enumerated() { seen[position] |= byte } }
            #expect(!seen.contains(0), "\(count)")
        }
    }

    @Test("are others in a child than in its parent")
    func fork() throws {
        typealias Fork = @convention(c) () -> pid_t
        let fork = try unsafeBitCast(#require(dlsym(nil, "fork")), to: Fork.self)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var mine = (UInt64(0), UInt64(0))
        // Both have bytes of one block before them.
        _ = hero_random(&mine, 8)
        let child = fork()
        if child == 0 {
            _ = hero_random(&mine, 16)
            _ = write(ends[1], &mine, 16)
            _exit(0)
        }
        try #require(child > 0)
        _ = hero_random(&mine, 16)
        var other = (UInt64(0), UInt64(0))
        #expect(read(ends[0], &other, 16) == 16)
        #expect(mine != other)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        for end in ends { close(end) }
    }
}
