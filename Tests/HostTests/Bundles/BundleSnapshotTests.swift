// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Synchronization
import Testing

@Suite("a running process uses its own copy of every bundle")
struct BundleSnapshotTests {
    @Test("overwriting, truncating and deleting a loaded bundle under load fails no request")
    func changedUnderLoad() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let hero = try await project.start()
        let port = try await hero.port
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let connection = try HTTPConnection(port: port)
                    while !progress.isOver {
                        try await connection.send("GET /api/hello?name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        let response = try await connection.response()
                        guard response.status == 200, response.text.contains("Hi Ada") else {
                            throw UnexpectedAnswer(response: response)
                        }
                        progress.advance()
                    }
                }
            }
            group.addTask {
                let path = project.path("actions/hello.so")
                await progress.wait(for: 100)
                for change in Self.changes {
                    try change(path)
                    await progress.wait(for: 200)
                }
                progress.finish()
            }
            defer { progress.finish() }
            try await group.waitForAll()
        }
        #expect(!project.exists("actions/hello.so"))
        #expect(try await hero.stop() == 0)
    }

    /// All but the last keep the file's inode, which a process that mapped it would share.
    private static let changes: [@Sendable (String) throws -> Void] = [
        { path in
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            try write(Data(repeating: 0xCC, count: size), over: path)
        },
        { path in try write(Data("text".utf8), over: path) },
        { path in #expect(truncate(path, 10) == 0) },
        { path in #expect(truncate(path, 0) == 0) },
        { path in try FileManager.default.removeItem(atPath: path) },
    ]

    private static func write(_ data: Data, over path: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: data)
        try handle.close()
    }

    @Test("a process maps bundles of its generation only, and no file of the project's directories")
    func maps() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello, "actions/sub/other.swift": Sources.other])
        try await project.build()
        let hero = try await project.start()
        #expect(try await hero.request("/api/other").status == 200)
        // The file says that its size is 0, so it has to be read to its end.
        let maps = try await Program.run("cat", ["/proc/\(hero.identifier)/maps"], directory: project.root).output
        let paths = Set(maps.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
        let bundles = paths.filter { $0.hasSuffix("/hello.so") || $0.hasSuffix("/other.so") }
        let hashes = project.list("tmp/generations/store")
        #expect(bundles.count == 2 && hashes.count == 2, "\(paths) \(hashes)")
        #expect(bundles.allSatisfy { path in hashes.contains { path.contains("/tmp/generations/store/\($0)/") } })
        #expect(!paths.contains { $0.contains("/actions/") })
        #expect(try await hero.stop() == 0)
    }

    @Test("a new file in actions/ does nothing before the next start")
    func newFile() async throws {
        let project = try TestProject(["actions/hello.swift": Sources.hello])
        try await project.build()
        let hero = try await project.start()
        try project.write(Sources.other, to: "actions/other.swift")
        try project.write("not a bundle", to: "actions/broken.so")
        try await project.build()
        #expect(try await hero.request("/api/other").status == 404)
        #expect(try await hero.request("/api/hello?name=x").status == 200)
        #expect(try await hero.stop() == 0)
        try project.remove("actions/broken.so")
        let next = try await project.start()
        #expect(try await next.request("/api/other").status == 200)
        #expect(try await next.stop() == 0)
    }
}

extension Sources {
    static let other = """
        import ActionHero

        struct Other: Action {
            func run(_ context: Context) async throws -> [String: Int] { ["answer": 42] }
        }
        """
}

private struct UnexpectedAnswer: Error {
    let response: HTTPResponse
}

/// Counts answers, for whoever waits for some more.
private final class Progress: Sendable {
    private struct State {
        var count = 0
        var isOver = false
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock(\.isOver) }

    func advance() { change { $0.count += 1 } }
    func finish() { change { $0.isOver = true } }

    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            let (count, isOver) = (state.count, state.isOver)
            let ready = state.waiting.filter { isOver || $0.count <= count }
            state.waiting.removeAll { isOver || $0.count <= count }
            return ready.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }

    /// Returns when so many more answers have come, or no more will.
    func wait(for more: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isOver { return true }
                state.waiting.append((state.count + more, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
