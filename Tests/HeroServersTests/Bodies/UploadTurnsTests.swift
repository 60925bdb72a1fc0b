// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRuntime
import HeroTestSupport
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import HeroServers

@Suite("the turns of uploads", .timeLimit(.minutes(10)))
struct UploadTurnsTests {
    /// Uploads on the test's loop, each with 20,000 bytes and no end.
    private final class Uploads {
        let turns = UploadTurns(files: 4)
        let spool: UploadSpool
        let loop: NIOAsyncTestingEventLoop
        var writers: [(writer: UploadWriter, file: SpooledFile)] = []

        init(_ spool: UploadSpool, _ loop: NIOAsyncTestingEventLoop) { (self.spool, self.loop) = (spool, loop) }

        func begin(_ client: UploadTurns.Client) {
            let writer = UploadWriter(spool, loop, turns, client)
            let file = writer.begin(originalName: nil)
            writer.write(ByteBuffer(repeating: 1, count: 20_000), to: file)
            writers.append((writer, file))
        }

        var haveTurns: [Bool] { writers.map { $0.writer.hasTurn } }
    }

    @Test("the last ones are for clients that have none, and who waits has the turn of an upload that ends")
    func lastOnes() async throws {
        let (_, process) = try WebProcess.load(WebProcess.setup([TakeFiles.self]))
        let plan = try WebServerPlan(process.application)
        let settings = WebServerSettings(process.application, process.processor, plan, fileThreads: .singleton)
        let loop = NIOAsyncTestingEventLoop()
        let (uploads, begun) = try await loop.executeInContext {
            let uploads = Uploads(settings.uploads, loop)
            let (many, two) = (UploadTurns.Client(), UploadTurns.Client())
            for client in [many, many, many, two, two] { uploads.begin(client) }
            for _ in 0..<2 { uploads.begin(UploadTurns.Client()) }
            return (NIOLoopBound(uploads, eventLoop: loop), uploads.haveTurns)
        }
        #expect(begun == [true, true, false, true, false, true, false])
        try await loop.executeInContext {
            let (writer, file) = uploads.value.writers[0]
            writer.finish(file)
        }
        // The one that has waited least is the only one whose client has none.
        var now = begun
        while now == begun || now.count(where: { $0 }) < 4 {
            await loop.run()
            await Task.yield()
            now = try await loop.executeInContext { uploads.value.haveTurns }
        }
        #expect(now == [false, true, false, true, false, true, true])
        try await loop.executeInContext { uploads.value.writers = [] }
    }
}
