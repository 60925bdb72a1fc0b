// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The thread that packs what would keep an event loop too long, made when it is needed first.
final class CompressionThreads: Sendable {
    private enum State {
        case none
        case running(NIOThreadPool)
        case ended
    }

    private let state = Mutex(State.none)

    /// - Returns: What the work returns; failed when the process is ending.
    func run<T: Sendable>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable () throws -> T
    ) -> EventLoopFuture<T> {
        guard let pool = pool() else { return eventLoop.makeFailedFuture(CancellationError()) }
        return pool.runIfActive(eventLoop: eventLoop, work)
    }

    /// - Throws: What the work throws, or `CancellationError` when the process is ending.
    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        guard let pool = pool() else { throw CancellationError() }
        return try await pool.runIfActive(work)
    }

    private func pool() -> NIOThreadPool? {
        state.withLock { state in
            switch state {
            case .running(let pool): return pool
            case .ended: return nil
            case .none:
                // One: the others of the machine's cores belong to other workers.
                let pool = NIOThreadPool(numberOfThreads: 1)
                pool.start()
                state = .running(pool)
                return pool
            }
        }
    }

    func shutDown() async {
        let pool = state.withLock { state -> NIOThreadPool? in
            defer { state = .ended }
            if case .running(let pool) = state { return pool }
            return nil
        }
        try? await pool?.shutdownGracefully()
    }
}
