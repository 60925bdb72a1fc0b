// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import Synchronization
import Testing

@testable import HeroRuntime
@testable import HeroSystem

@Suite("threads for actions that block")
struct ThreadPoolTests {
    private struct Hold: Action {
        func run(_ context: Context) async throws -> Int { 1 }
    }

    private let action: WatchedAction

    init() throws { action = try ActionRecord(Hold.self, file: "hold.so").watched }

    /// Counts who is inside, and the most there ever were.
    private final class Room: Sendable {
        private let state = Mutex((inside: 0, most: 0))
        let entered = DispatchSemaphore(value: 0)
        let exit = DispatchSemaphore(value: 0)
        var most: Int { state.withLock { $0.most } }

        /// Blocks the thread, as a synchronous database driver would.
        func block() {
            state.withLock {
                $0.inside += 1
                $0.most = max($0.most, $0.inside)
            }
            entered.signal()
            exit.wait()
            state.withLock { $0.inside -= 1 }
        }
    }

    /// Waits on a thread that may block.
    private func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }

    @Test("no more threads run than the pool may have, and everything that waits gets its turn", arguments: [1, 3])
    func size(size: Int) async throws {
        let pool = ThreadPool(size: size, queueLimit: 100)
        let room = Room()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask {
                    try await pool.run(action) {
                        room.block()
                        return number
                    }
                }
            }
            for _ in 0..<size { await wait(for: room.entered) }
            for _ in 0..<12 { room.exit.signal() }
            let results = try await group.reduce(into: []) { $0.append($1) }
            #expect(results.sorted() == Array(0..<12))
        }
        #expect(room.most == size)
    }

    @Test("beyond the limit of waiting actions more are refused, until one has ended")
    func limit() async throws {
        let pool = ThreadPool(size: 1, queueLimit: 1)
        let room = Room()
        async let first: Void = pool.run(action) { room.block() }
        await wait(for: room.entered)
        await #expect {
            try await pool.run(action) {}
        } throws: {
            $0 as? ActionError == ActionError("too many actions are waiting for a thread; try again later", status: 503)
        }
        room.exit.signal()
        try await first
        #expect(try await pool.run(action) { 5 } == 5)
    }

    @Test("an action that throws or suspends gives its place back")
    func givenBack() async throws {
        struct Failure: Error {}
        let pool = ThreadPool(size: 2, queueLimit: 1)
        for _ in 0..<20 {
            await #expect(throws: Failure.self) { try await pool.run(action) { throw Failure() } }
            let value = try await pool.run(action) {
                await Task.yield()
                return 1
            }
            #expect(value == 1)
        }
    }

    @Test("each thread notes its own action on the board, however many begin at once, and threads without a place none")
    func places() async throws {
        let board = try #require(WorkerBoard())
        for (slot, size) in [(0, 8), (1, 40)] {
            let pool = ThreadPool(size: size, queueLimit: 100, slot: board.slot(slot))
            let actions = try (0..<size).map { number in
                let action = try ActionRecord(Hold.self, file: "hold.so").watched
                action.boardNumber.store(number, ordering: .relaxed)
                return action
            }
            let room = Room()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for action in actions { group.addTask { try await pool.run(action) { room.block() } } }
                for _ in 0..<size { await wait(for: room.entered) }
                let running = board.slot(slot).running
                #expect(running.count == min(size, board.slot(slot).threads - 1), "\(running)")
                for _ in 0..<size { room.exit.signal() }
                try await group.waitForAll()
            }
        }
    }

    @Test("an action that suspends does not hold a thread")
    func suspension() async throws {
        let pool = ThreadPool(size: 1, queueLimit: 10)
        let gate = Gate()
        let journal = Journal()
        async let waiting: Void = pool.run(action) {
            journal.add("waiting")
            await gate.wait()
        }
        while journal.all.isEmpty { await Task.yield() }
        #expect(try await pool.run(action) { 7 } == 7)
        gate.open()
        try await waiting
    }
}
