// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import HeroTasks

/// What several processes did, written down as it happened and looked at when all is over.
final class JobHistory: Sendable {
    struct Run: Sendable {
        let process: Int
        let payload: [UInt8]
        /// Owner and number.
        let id: String
        /// Of earlier runs of the job, those that were still under way, or had done it, under a lease that held.
        let besides: [Int]
        var end: End?
    }

    enum End: Sendable { case done, other, vanished }

    private struct Entry {
        var run: Run
        let isLeaseValid: @Sendable () -> Bool
    }

    private struct State {
        var entries: [Entry] = []
        var byPayload: [[UInt8]: [Int]] = [:]
        var killed: Set<Int> = []
        var tried: Set<[UInt8]> = []
        var acknowledged: Set<[UInt8]> = []
    }

    private let state = Mutex(State())

    var runs: [Run] { state.withLock { $0.entries.map(\.run) } }

    /// - Returns: The place of the run in the history.
    func begin(_ run: JobRun, in process: Int) -> Int {
        state.withLock { state in
            let payload = run.job.payload
            let besides = state.byPayload[payload, default: []].filter { place in
                let entry = state.entries[place]
                guard entry.run.end == nil || entry.run.end == .done else { return false }
                return !state.killed.contains(entry.run.process) && entry.isLeaseValid()
            }
            let id = "\(run.owner)~\(run.job.number)"
            state.byPayload[payload, default: []].append(state.entries.count)
            state.entries.append(
                Entry(
                    run: Run(process: process, payload: payload, id: id, besides: besides, end: nil),
                    isLeaseValid: run.isLeaseValid))
            return state.entries.count - 1
        }
    }

    func end(_ place: Int, _ end: End) {
        state.withLock { state in
            guard state.entries[place].run.end == nil else { return }
            let isGone = state.killed.contains(state.entries[place].run.process)
            state.entries[place].run.end = isGone ? .vanished : end
        }
    }

    func isFirstTry(_ payload: [UInt8]) -> Bool { state.withLock { $0.tried.insert(payload).inserted } }

    /// What its jobs do from now on does not happen.
    func kill(_ process: Int) { state.withLock { _ = $0.killed.insert(process) } }

    /// Somebody was told that the job is there.
    func acknowledge(_ payload: [UInt8]) { state.withLock { _ = $0.acknowledged.insert(payload) } }

    func hasBegun(in process: Int) -> Bool { state.withLock { $0.entries.contains { $0.run.process == process } } }

    /// Jobs that were done, and how often.
    var done: [[UInt8]: Int] {
        runs.filter { $0.end == .done }.reduce(into: [:]) { $0[$1.payload, default: 0] += 1 }
    }

    /// What must not have happened.
    ///
    /// - Parameters:
    ///   - dead: Jobs that were given up.
    ///   - processed: Jobs whose end Redis has accepted.
    /// - Returns: A sentence for each.
    func faults(dead: Set<[UInt8]>, processed: Int) -> [String] {
        var faults: [String] = []
        let (runs, done) = (runs, done)
        func text(_ payload: [UInt8]) -> String { String(decoding: payload, as: UTF8.self) }
        for payload in state.withLock({ $0.acknowledged }) where done[payload] == nil && !dead.contains(payload) {
            faults.append("lost: \(text(payload))")
        }
        var jobs: [String: [UInt8]] = [:]
        for run in runs {
            for other in run.besides {
                let before = runs[other]
                let what = before.end == .done ? "done already" : "run"
                faults.append("\(text(run.payload)) began as \(run.id) while it was \(what) by \(before.id)")
            }
            if let job = jobs[run.id], job != run.payload { faults.append("\(run.id) names two jobs") }
            jobs[run.id] = run.payload
        }
        let ended = Set(done.keys).union(dead).count
        if processed + dead.count != ended {
            faults.append("Redis has accepted the ends of \(processed) jobs, and \(ended - dead.count) were done")
        }
        return faults
    }
}
