// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Commands that one caller waits for.
///
/// Unchecked: belongs to whoever made it until it is submitted, then to one event loop.
package final class RedisBatch: @unchecked Sendable {
    package typealias Outcome = Result<RESPValue, RedisError>

    package let commands: [RedisCommand]
    /// Whether the commands are one `MULTI` … `EXEC`, whose only result is `EXEC`'s array.
    package let isTransaction: Bool
    /// One for each command: the error that a cancelled caller gets, until the command is settled.
    private var results: [Outcome]
    private var remaining: Int
    private var completion: (([Outcome]) -> Void)?
    private let submission = Atomic(Submission.made.rawValue)
    /// Nanoseconds of the loop's clock when the caller came; deadlines count from here, however often a command is sent.
    private(set) var start = Int.min
    private var usualNanoseconds = 0
    /// What the server has answered to a command that is tried again, by position.
    private var lastErrors: [Int: RedisError] = [:]

    /// - Parameters:
    ///   - commands: At least one.
    ///   - isTransaction: Whether they are run as one.
    ///   - completion: Gets one result for each command, or one for a transaction; called once, on the loop.
    package init(
        _ commands: [RedisCommand], isTransaction: Bool = false, completion: @escaping ([Outcome]) -> Void
    ) {
        self.commands = commands
        self.isTransaction = isTransaction
        self.completion = completion
        remaining = isTransaction ? 1 : commands.count
        results = Array(repeating: Self.cancelled, count: remaining)
    }

    /// Whether the batch has been submitted; a caller may be cancelled at any time, on any thread.
    private enum Submission: UInt8 {
        case made, submitted, cancelled
    }

    /// Submits commands and waits for their results, or until the caller's task is cancelled: what was sent by then keeps
    /// its place in the queue of replies, and its reply is dropped.
    ///
    /// - Parameters:
    ///   - commands: At least one.
    ///   - isTransaction: Whether they are run as one.
    ///   - loop: On which the batch is settled.
    ///   - submit: Takes the batch.
    /// - Returns: One result for each command, or one for a transaction.
    static func results(
        _ commands: [RedisCommand], isTransaction: Bool = false, on loop: any EventLoop,
        _ submit: (RedisBatch) -> Void
    ) async -> [Outcome] {
        let batch = RedisBatch(commands, isTransaction: isTransaction) { _ in }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                batch.completion = { continuation.resume(returning: $0) }
                let (isFirst, _) = batch.submission.compareExchange(
                    expected: Submission.made.rawValue, desired: Submission.submitted.rawValue,
                    ordering: .acquiringAndReleasing)
                if isFirst { submit(batch) } else { batch.cancel() }
            }
        } onCancel: {
            let last = batch.submission.exchange(Submission.cancelled.rawValue, ordering: .acquiringAndReleasing)
            if last == Submission.submitted.rawValue { loop.execute { batch.cancel() } }
        }
    }

    private static let cancelled = Outcome.failure(.cancelled("a command"))

    private func cancel() {
        guard remaining > 0 else { return }
        remaining = 0
        complete()
    }

    private func complete() {
        let completion = completion
        self.completion = nil
        completion?(results)
    }

    /// Whether nobody waits for any of it any more.
    var isSettled: Bool { remaining == 0 }

    /// How many results there will be.
    package var count: Int { results.count }

    /// The caller has come.
    ///
    /// - Parameters:
    ///   - now: Nanoseconds of the loop's clock.
    ///   - timeout: Milliseconds for commands that name none.
    package func begin(now: Int, timeout: Int) {
        guard start == .min else { return }
        start = now
        usualNanoseconds = Self.nanoseconds(timeout)
    }

    private static func nanoseconds(_ milliseconds: Int) -> Int { max(0, min(milliseconds, 1 << 40)) * 1_000_000 }

    /// Nanoseconds of the loop's clock.
    package func deadline(_ index: Int) -> Int {
        guard isTransaction else { return start + (commands[index].timeout.map(Self.nanoseconds) ?? usualNanoseconds) }
        let longest = commands.compactMap(\.timeout).max().map(Self.nanoseconds)
        return start + (longest ?? usualNanoseconds)
    }

    /// Whether the command, or the whole transaction, may run twice.
    package func isRepeatable(_ index: Int) -> Bool {
        isTransaction ? commands.allSatisfy(\.isRepeatable) : commands[index].isRepeatable
    }

    package func name(_ index: Int) -> String { isTransaction ? "MULTI" : commands[index].name }

    package func bytes(_ index: Int) -> Int {
        guard isTransaction else { return ByteBuffer.redisCommandBytes(commands[index].arguments) }
        return commands.reduce(32) { $0 + ByteBuffer.redisCommandBytes($1.arguments) }
    }

    /// Keeps what the server said, for a caller whose time ends before the command could be sent again.
    func note(_ error: RedisError, _ index: Int) { lastErrors[index] = error }
    func lastError(_ index: Int) -> RedisError? { lastErrors[index] }

    /// Once for each command: a batch that was cancelled is settled for good.
    package func settle(_ index: Int, _ result: Outcome) {
        guard remaining > 0 else { return }
        results[index] = result
        remaining -= 1
        if remaining == 0 { complete() }
    }

    package func settleAll(_ error: RedisError) {
        for index in results.indices { settle(index, .failure(error)) }
    }
}
