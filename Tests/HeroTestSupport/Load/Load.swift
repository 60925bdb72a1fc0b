// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Many clients at once, on one thread, until they are stopped.
///
/// Every answer is checked: status, all of the body, and a clean end after `Connection: close`.
package final class Load: Sendable {
    private struct State {
        var report = LoadReport()
        var isStopping = false
        var hasEnded = false
        var waiters: [@Sendable (State) -> Bool] = []
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - port: Of the server.
    ///   - patterns: What the clients do.
    package init(port: Int, _ patterns: [LoadPattern]) {
        Thread.detachNewThread { [self] in run(port, patterns) }
    }

    package var report: LoadReport { state.withLock { $0.report } }

    /// Waits for so many answers from now on, which shows that the load goes on.
    package func answers(_ count: Int) async {
        let goal = report.total + count
        await wait { $0.report.total >= goal || $0.hasEnded }
    }

    /// Finishes every request that has been begun.
    package func stop() async -> LoadReport {
        change { $0.isStopping = true }
        await wait { $0.hasEnded }
        return report
    }

    private func wait(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if condition(state) { return continuation.resume() }
                state.waiters.append { state in
                    guard condition(state) else { return false }
                    continuation.resume()
                    return true
                }
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            let now = state
            if !state.waiters.isEmpty { state.waiters.removeAll { $0(now) } }
        }
    }

    // MARK: The thread

    private func run(_ port: Int, _ patterns: [LoadPattern]) {
        var clients: [LoadClient] = []
        let begin = Self.now
        for pattern in patterns {
            for number in 0..<pattern.connections {
                // Paced clients take turns from the start.
                let start = begin + pattern.pause * number / pattern.connections
                clients.append(LoadClient(pattern, port: port, start: start) { self.take($0, pattern) })
            }
        }
        while true {
            let isStopping = state.withLock { $0.isStopping }
            if isStopping, !clients.contains(where: \.isBusy) { break }
            turn(clients, mayBegin: !isStopping)
        }
        for client in clients { client.hangUp() }
        change { $0.hasEnded = true }
    }

    private func turn(_ clients: [LoadClient], mayBegin: Bool) {
        var wanted: [pollfd] = []
        var owners: [Int] = []
        var timeout = 20
        let now = Self.now
        for (number, client) in clients.enumerated() {
            if let interest = client.interest {
                wanted.append(interest)
                owners.append(number)
            }
            if case .pausing(let until) = client.phase, mayBegin { timeout = min(timeout, max(until - now, 0)) }
        }
        poll(&wanted, nfds_t(wanted.count), Int32(timeout))
        var ready = Set<Int>()
        for (position, interest) in wanted.enumerated() where interest.revents != 0 { ready.insert(owners[position]) }
        let after = Self.now
        for (number, client) in clients.enumerated() {
            client.advance(now: after, isReady: ready.contains(number), mayBegin: mayBegin)
        }
    }

    private func take(_ event: LoadClient.LoadEvent, _ pattern: LoadPattern) {
        change { state in
            switch event {
            case .answer(let pid):
                state.report.answers[pattern.name, default: 0] += 1
                if let pid { state.report.answersByProcess[pid, default: 0] += 1 }
            // More than anybody reads.
            case .failure(let failure): if state.report.failures.count < 1000 { state.report.failures.append(failure) }
            }
        }
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
