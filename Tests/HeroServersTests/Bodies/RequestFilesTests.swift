// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import HeroRuntime
import HeroTestSupport
import NIOPosix
import Testing

@testable import HeroServers

@Suite("the files of a request", .timeLimit(.minutes(10)))
struct RequestFilesTests {
    /// Locks of SwiftNIO end a debug build whose thread takes one twice; a release build waits for ever.
    @Test("may go with work that waits when the threads are stopped")
    func threadsStop() async throws {
        let (_, process) = try WebProcess.load(WebProcess.setup([TakeFiles.self]))
        let plan = try WebServerPlan(process.application)
        let uploads = WebServerSettings(process.application, process.processor, plan, fileThreads: .singleton).uploads
        for _ in 0..<2000 {
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            let spool = UploadSpool(
                options: uploads.options, directory: uploads.directory, threadPool: pool, log: uploads.log,
                shortages: uploads.shortages)
            let gate = DispatchSemaphore(value: 0)
            pool.submit { _ in gate.wait() }
            await Self.submit(spool)
            async let stopped: Void = pool.shutdownGracefully()
            gate.signal()
            try await stopped
        }
    }

    /// Work that has the last references to files.
    private static func submit(_ spool: UploadSpool) async {
        for _ in 0..<4 {
            let files = RequestFiles(spool)
            files.add(SpooledFile(suffix: "", nil))
            spool.threadPool.submit { _ in withExtendedLifetime(files) {} }
        }
    }
}
