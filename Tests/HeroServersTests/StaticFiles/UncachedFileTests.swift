// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import HeroServers

/// The loop must have no part in reading what is not in the system's memory.
@Suite("files that the system does not have in memory", .timeLimit(.minutes(10)))
struct UncachedFileTests {
    private static let size = 1_500_000
    private static let content = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })

    /// Whether the file system of temporary files lets go of what it has in memory, and tells.
    private static let canDrop: Bool = {
        guard let project = try? TestProject(), let file = try? openFile(project) else { return false }
        drop(project)
        return file.countAtHand(size, at: 0) == 0 && (try? Data(contentsOf: url(project))) != nil
            && file.countAtHand(size, at: 0) == size
    }()

    private static func url(_ project: TestProject) -> URL { URL(fileURLWithPath: project.path("large")) }

    private static func openFile(_ project: TestProject) throws -> OpenedFile {
        try project.write(content, to: "large")
        return try OpenedFile(open(project.path("large"), O_RDONLY | O_CLOEXEC), path: "large", previous: nil)
    }

    /// Takes the file out of the system's memory.
    private static func drop(_ project: TestProject) {
        let descriptor = open(project.path("large"), O_RDWR | O_CLOEXEC)
        fsync(descriptor)
        posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
        close(descriptor)
    }

    /// A client, a connection to it, and threads that can be kept from working.
    private final class Rig: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pool = NIOThreadPool(numberOfThreads: 1)
        let disk = DispatchSemaphore(value: 0)
        let client: Int32
        let channel: any Channel
        private let sender: NIOLoopBound<FileSender>

        init() async throws {
            var ends: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
                throw POSIXError(.EMFILE)
            }
            let (server, pool, loop) = (ends[1], pool, group.next())
            client = ends[0]
            pool.start()
            channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FileSender(threadPool: pool, socket: server))
                    }
                }
                .withConnectedSocket(server).get()
            let channel = channel
            sender = try await loop.submit {
                NIOLoopBound(try channel.pipeline.syncOperations.handler(type: FileSender.self), eventLoop: loop)
            }.get()
        }

        /// Returns when the loop has done all that it can without the threads.
        func send(_ file: OpenedFile) async throws -> EventLoopFuture<Void> {
            let promise = channel.eventLoop.makePromise(of: Void.self)
            try await channel.eventLoop.submit { [sender] in
                sender.value.send(.part(FilePart(file, 0..<file.size)), promise)
                sender.value.flush()
            }.get()
            return promise.futureResult
        }

        /// Keeps the only thread of the pool busy.
        func stall() { pool.submit { [disk] _ in disk.wait() } }

        /// Bytes that have arrived.
        var waiting: Int {
            var count: Int32 = 0
            _ = ioctl(client, UInt(FIONREAD), &count)
            return Int(count)
        }

        func end() async throws {
            close(client)
            try? await channel.close()
            try await pool.shutdownGracefully()
            try await group.shutdownGracefully()
        }
    }

    private func receive(_ rig: Rig, _ count: Int) async -> Data {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var all = Data()
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while all.count < count {
                    let got = read(rig.client, &buffer, buffer.count)
                    guard got > 0 else { break }
                    all.append(contentsOf: buffer[..<got])
                }
                continuation.resume(returning: all)
            }
        }
    }

    @Test("are read by threads: the loop goes on while the disk is slow", .enabled(if: canDrop))
    func slowDisk() async throws {
        let project = try TestProject()
        let file = try Self.openFile(project)
        Self.drop(project)
        let rig = try await Rig()
        rig.stall()
        let sent = try await rig.send(file)
        #expect(rig.waiting == 0, "nobody could have read it but the loop")
        rig.disk.signal()
        #expect(await receive(rig, Self.size) == Self.content)
        try await sent.get()
        try await rig.end()
    }

    @Test("and only those: what is in memory goes out without a thread", .enabled(if: canDrop))
    func inMemory() async throws {
        let project = try TestProject()
        let file = try Self.openFile(project)
        let rig = try await Rig()
        rig.stall()
        let sent = try await rig.send(file)
        #expect(rig.waiting > 0)
        #expect(await receive(rig, Self.size) == Self.content)
        try await sent.get()
        rig.disk.signal()
        try await rig.end()
    }

    @Test("what is in memory ends where it ends, and a file that has become shorter is not waited for")
    func extent() throws {
        let project = try TestProject()
        let file = try Self.openFile(project)
        let part = FilePart(file, 0..<Self.size)
        if Self.canDrop {
            #expect(part.countAtHand(atMost: 100_000) == 100_000)
            #expect(part.countAtHand(atMost: .max) == Self.size)
        }
        #expect(truncate(project.path("large"), 70_000) == 0)
        #expect(part.countAtHand(atMost: .max) <= 73_728)
        var rest = part
        rest.moveForward(by: 80_000)
        #expect(rest.readAtHand(atMost: 1000).readableBytes == 0)
    }
}
