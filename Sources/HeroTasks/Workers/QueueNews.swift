// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import NIOCore

/// Hears of queues that are added, on behalf of a process that works on all there are; without it they are found a second
/// later.
///
/// Belongs to its event loop.
final class QueueNews: @unchecked Sendable {
    private let store: JobStore
    private let loop: any EventLoop
    private let executor: LoopExecutor
    private let heard: () -> Void
    private var task: Task<Void, Never>?

    /// Before a Redis is asked again that does not let us listen.
    private static let pause = TimeAmount.seconds(5)

    /// - Parameters:
    ///   - store: Where queues are.
    ///   - executor: Runs tasks on the loop.
    ///   - loop: Where all of it runs.
    ///   - heard: Called on the loop.
    init(_ store: JobStore, _ executor: LoopExecutor, on loop: any EventLoop, heard: @escaping () -> Void) {
        (self.store, self.executor, self.loop, self.heard) = (store, executor, loop, heard)
    }

    func listen() {
        guard task == nil else { return }
        // Kept, and cancelled by `end`.
        task = Task(executorPreference: executor) {
            let channel = String(decoding: self.store.keys.queues.bytes, as: UTF8.self)
            if let events = try? await self.store.client.subscribe(channels: [channel], patterns: []) {
                // A gap may have had news.
                for await _ in events { self.loop.execute { self.heard() } }
            }
            self.loop.execute { self.listenLater() }
        }
    }

    private func listenLater() {
        guard task?.isCancelled == false else { return }
        loop.scheduleTask(in: Self.pause) {
            guard self.task?.isCancelled == false else { return }
            self.task = nil
            self.listen()
        }
    }

    func end() { task?.cancel() }
}
