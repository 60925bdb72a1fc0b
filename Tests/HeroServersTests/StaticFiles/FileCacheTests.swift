// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import NIOCore
import Testing

@testable import HeroServers

@Suite("the cache of files")
struct FileCacheTests {
    private let project: TestProject
    private let cache = FileCache(
        .init(bytes: 100_000, descriptors: 2, validity: .seconds(1), idle: .seconds(60)))

    init() throws { project = try TestProject() }

    private func name(_ path: String) throws -> FileName { try #require(FileName(path, in: nil)) }

    private func file(_ path: String, size: Int) throws -> FoundFile {
        try project.write(Data(count: size), to: path)
        let descriptor = open(project.path(path), O_RDONLY)
        return FoundFile(try OpenedFile(descriptor, path: path, previous: nil), [], contentType: "text/plain")
    }

    private func last(_ path: String) throws -> FoundFile? { cache.last(try name(path)) }
    private func fresh(_ path: String) throws -> FoundFile? { cache.fresh(try name(path), time(0)) }

    private func time(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test("answers until it is time to look again")
    func validity() throws {
        let (name, file) = (try name("a"), try file("a", size: 10))
        cache.store(name, file, time(5))
        #expect(cache.fresh(name, time(5)) === file)
        #expect(cache.fresh(name, time(6)) == nil)
        #expect(cache.last(name) === file)
        cache.store(name, file, time(7))
        #expect(cache.fresh(name, time(7)) === file)
        cache.store(name, nil, time(8))
        #expect(cache.last(name) == nil)
        #expect(cache.weight == (0, 0))
    }

    @Test("keeps no more bytes than it may, and lets go of what was used least lately")
    func bytes() throws {
        for index in 0..<4 { cache.store(try name("\(index)"), try file("\(index)", size: 30_000), time(0)) }
        #expect(cache.count == 3)
        #expect(try last("0") == nil)
        #expect(try fresh("1") != nil)
        cache.store(try name("4"), try file("4", size: 30_000), time(0))
        #expect(try last("1") != nil)
        #expect(try last("2") == nil)
        #expect(cache.weight.bytes <= 100_000)
    }

    @Test("keeps no more files open than it may")
    func descriptors() throws {
        for index in 0..<5 { cache.store(try name("\(index)"), try file("\(index)", size: 70_000), time(0)) }
        #expect(cache.count == 2)
        #expect(cache.weight.descriptors == 2)
    }

    @Test("lets go of what nobody asks for")
    func idle() throws {
        cache.store(try name("a"), try file("a", size: 10), time(0))
        cache.store(try name("b"), try file("b", size: 10), time(50))
        cache.removeIdle(time(59))
        #expect(cache.count == 2)
        cache.removeIdle(time(60))
        #expect(cache.count == 1)
        #expect(try last("b") != nil)
        cache.removeIdle(time(110))
        #expect(cache.weight == (0, 0))
    }

    @Test("closes files that nobody uses any more")
    func closes() throws {
        let own = try #require(project.root.split(separator: "/").last)
        func count() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { entry in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(entry)"))
                    .map { $0.contains(own) } ?? false
            }
        }
        cache.store(try name("a"), try file("a", size: 70_000), time(0))
        #expect(try count() == 1)
        cache.removeAll()
        #expect(try count() == 0)
    }
}

@Suite("names of files")
struct FileNameTests {
    @Test("those that are remembered are bounded, however many clients think of")
    func bounded() {
        var cache = FileNameCache()
        for number in 0..<3 * FileNameCache.limit {
            cache.remember("GET /\(number)", .init(name: FileName("\(number)", in: nil), routePath: nil))
            #expect(cache.count <= FileNameCache.limit)
        }
        #expect(cache.find("GET /\(3 * FileNameCache.limit - 1)")?.name?.path == "\(3 * FileNameCache.limit - 1)")
        cache.remember(
            "GET /" + String(repeating: "x", count: FileNameCache.keyBytes), .init(name: nil, routePath: nil))
        #expect(cache.find("GET /" + String(repeating: "x", count: FileNameCache.keyBytes)) == nil)
    }
}
