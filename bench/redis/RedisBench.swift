// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroRedis
import NIOCore
import NIOPosix

/// Sends commands the way a worker does, and prints the processor time that one of them takes here.
///
/// Arguments: the server's socket, `GET` or `SET`, callers, commands per call, commands in all.
@main
struct RedisBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 6, let callers = Int(words[3]), let depth = Int(words[4]), let count = Int(words[5]) else {
            print("RedisBench SOCKET GET|SET CALLERS DEPTH COUNT")
            exit(2)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let client = StandaloneClient(RedisConnectionSettings(.unix(path: words[1])), on: loop)
        let value = RedisArgument([UInt8](repeating: UInt8(ascii: "x"), count: 32))
        let command =
            words[2] == "SET" ? RedisCommand("SET", "hero:bench", value) : RedisCommand("GET", "hero:bench")
        _ = try await client.send(RedisCommand("SET", "hero:bench", value))
        let calls = max(1, count / callers / depth)
        try await load(client, loop, command, callers, depth, max(1, calls / 10))
        let start = microseconds()
        try await load(client, loop, command, callers, depth, calls)
        print(Double(microseconds() - start) / Double(calls * callers * depth))
        await client.close()
    }

    private static func load(
        _ client: StandaloneClient, _ loop: any EventLoop, _ command: RedisCommand, _ callers: Int, _ depth: Int,
        _ calls: Int
    ) async throws {
        let executor = LoopExecutor(loop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask(executorPreference: executor) {
                    let commands = Array(repeating: command, count: depth)
                    for _ in 0..<calls { for result in await client.send(commands) { _ = try result.get() } }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Of this process, in user and kernel mode.
    private static func microseconds() -> Int {
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
