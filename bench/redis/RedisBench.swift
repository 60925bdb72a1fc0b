// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroRedis
import NIOCore
import NIOPosix

/// Uses Redis the way a worker does, and prints the processor time that one operation takes here.
///
/// Arguments: the server's socket, what to do, callers at the same time, commands per call (1 for anything but commands),
/// operations in all.
///
/// - `GET`, `SET`: commands.
/// - `FETCH`: a value of the cache that is there.
/// - `RPC`: calls of a method of another process; `MESSAGES`: as many messages there and back without anything around
///   them. The other process is `RedisBench SOCKET ANSWER 0 0 0`, which says `ready` and ends with its input; its time
///   counts too.
@main
struct RedisBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 6, let callers = Int(words[3]), let depth = Int(words[4]), let count = Int(words[5]) else {
            print("RedisBench SOCKET GET|SET|FETCH|RPC|MESSAGES|ANSWER CALLERS DEPTH COUNT")
            exit(2)
        }
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let client = StandaloneClient(RedisConnectionSettings(.unix(path: words[1])), on: loop)
        let load = Load(loop: loop, callers: callers, depth: depth, count: count)
        switch words[2] {
        case "GET", "SET": try await CommandBench(client, isWriting: words[2] == "SET").run(load)
        case "FETCH": try await FetchBench(client).run(load)
        case "RPC": try await CallBench(client, id: "caller").run(load)
        case "MESSAGES": try await MessageBench(client).run(load)
        case "ANSWER": try await answer(client)
        default: exit(2)
        }
        await client.close()
    }

    private static func answer(_ client: StandaloneClient) async throws {
        let calls = CallBench(client, id: CallBench.other)
        try await calls.answer()
        try await MessageBench(client).answer {
            print("ready")
            fflush(nil)
            // The callers keep it open.
            while getchar() != EOF {}
            exit(0)
        }
    }
}

/// How many do something how often.
struct Load {
    let loop: any EventLoop
    let callers: Int
    /// Commands of one call.
    let depth: Int
    let count: Int

    /// Warms up, measures and prints.
    ///
    /// - Parameters:
    ///   - others: Microseconds of processor time that other processes have spent on it so far.
    ///   - call: Called by each caller again and again, with the caller's number.
    /// - Throws: What a call throws.
    func run(
        others: () async throws -> Int = { 0 }, each call: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let calls = max(1, count / callers / depth)
        try await repeatedly(max(1, calls / 10), call)
        let start = try await others() + ProcessorTime.microseconds
        try await repeatedly(calls, call)
        let end = try await others() + ProcessorTime.microseconds
        print(Double(end - start) / Double(calls * callers * depth))
    }

    private func repeatedly(_ calls: Int, _ call: @escaping @Sendable (Int) async throws -> Void) async throws {
        let executor = LoopExecutor(loop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask(executorPreference: executor) { for _ in 0..<calls { try await call(caller) } }
            }
            try await group.waitForAll()
        }
    }
}

enum ProcessorTime {
    /// Of this process, in user and kernel mode.
    static var microseconds: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec
    }
}

/// Runs tasks on the event loop, as actions are.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
