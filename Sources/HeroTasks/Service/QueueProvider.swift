// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import Synchronization

/// Which queues the application wants its workers to work on, where it decides that itself.
final class QueueProvider: Sendable {
    typealias Queues = @Sendable () async throws -> [String]

    private let function = Mutex<Queues?>(nil)

    func set(_ queues: @escaping Queues) { function.withLock { $0 = queues } }

    /// - Returns: `nil` where the configuration decides.
    func queues() async throws -> [String]? { try await function.withLock { $0 }?() }

    /// Asks again and again, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - first: What the workers have begun with.
    ///   - interval: Milliseconds between two questions.
    ///   - workers: Are told of changes.
    ///   - log: Is told of errors, the first of several in a row.
    func follow(from first: [String]?, every interval: Int, _ workers: TaskWorkers, _ log: LogRouter) async {
        var (last, hasFailed) = (first, false)
        // A function of the application is not to be called without a pause.
        while (try? await Task.sleep(for: .milliseconds(max(interval, 50)))) != nil {
            do {
                guard let queues = try await queues() else { continue }
                if queues != last { workers.work(queues) }
                (last, hasFailed) = (queues, false)
            } catch {
                guard !hasFailed, !Task.isCancelled else { continue }
                hasFailed = true
                log.write(
                    level: .error,
                    message: "the function for the queues of this process has failed; they stay as they are",
                    data: [("error", .string("\(error)"))])
            }
        }
    }
}
