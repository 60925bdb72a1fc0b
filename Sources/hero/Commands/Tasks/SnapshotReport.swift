// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import HeroTasks

/// What `hero tasks` prints.
struct SnapshotReport {
    private let snapshot: QueueSnapshot
    private let rates: (processed: Double, failed: Double)?

    /// - Parameters:
    ///   - snapshot: What there is.
    ///   - earlier: Counters of an earlier moment, for rates.
    init(_ snapshot: QueueSnapshot, since earlier: QueueSnapshot.Totals?) {
        self.snapshot = snapshot
        rates = snapshot.rates(since: earlier)
    }

    var text: String {
        var parts = [summary, queues]
        let workers = WorkerReport(snapshot.workers, now: snapshot.time).text
        parts.append(workers.isEmpty ? "no workers" : workers)
        if !snapshot.stuck.isEmpty { parts.append(stuck) }
        return parts.joined(separator: "\n\n")
    }

    private var summary: String {
        var lines: [String] = []
        let late = snapshot.lag > 0 ? "what is due is \(SpanText.of(snapshot.lag)) late" : "nothing is late"
        if let leader = snapshot.leader {
            lines.append("scheduler: \(PlainText.line(leader)) leads, \(late)")
        } else {
            lines.append("scheduler: nobody leads, \(late)")
        }
        lines.append(
            "processed: \(snapshot.totals.processed)\(rate(rates?.processed)), "
                + "failed runs: \(snapshot.totals.failed)\(rate(rates?.failed))")
        let (retry, delayed) = (next(snapshot.nextRetry), next(snapshot.nextDelayed))
        lines.append(
            "failed: \(snapshot.failed), dead: \(snapshot.dead), to be retried: \(snapshot.retries)\(retry), "
                + "delayed: \(snapshot.delayed)\(snapshot.hasMoreDelayed ? " or more" : "")\(delayed)")
        if snapshot.isAllPaused { lines.append("all queues are paused: hero tasks resume --all") }
        return lines.joined(separator: "\n")
    }

    private func rate(_ rate: Double?) -> String {
        guard let rate else { return "" }
        return rate < 10 ? " (\((rate * 10).rounded() / 10) a second)" : " (\(Int(rate.rounded())) a second)"
    }

    private func next(_ moment: Int?) -> String {
        moment.map { " (the first \(SpanText.until($0, now: snapshot.time)))" } ?? ""
    }

    private var queues: String {
        guard !snapshot.queues.isEmpty else { return "no queues" }
        var table = TextTable("queue", "waiting", "oldest", "state")
        for queue in snapshot.queues {
            let age = queue.age.map { "\(SpanText.of($0)) or more" } ?? (queue.length > 0 ? "unknown" : "")
            table.add(queue.text, String(queue.length), age, queue.isPaused ? "paused" : "")
        }
        return table.text
    }

    private var stuck: String {
        var table = TextTable("process without lease", "jobs held", "since")
        for owner in snapshot.stuck {
            table.add(owner.name, String(owner.held), owner.deadline.map { SpanText.of(snapshot.time - $0) } ?? "")
        }
        return table.text
    }

    var json: JSON {
        [
            "time": .integer(snapshot.time),
            "scheduler": [
                "leader": snapshot.leader.map { .string($0) } ?? .null, "lagMilliseconds": .integer(snapshot.lag),
            ],
            "processed": .integer(snapshot.totals.processed), "failedRuns": .integer(snapshot.totals.failed),
            "perSecond": rates.map { ["processed": .number($0.processed), "failedRuns": .number($0.failed)] } ?? .null,
            "failed": .integer(snapshot.failed), "dead": .integer(snapshot.dead),
            "retries": ["count": .integer(snapshot.retries), "next": Self.optional(snapshot.nextRetry)],
            "delayed": [
                "count": .integer(snapshot.delayed), "isComplete": .bool(!snapshot.hasMoreDelayed),
                "next": Self.optional(snapshot.nextDelayed),
            ],
            "isPaused": .bool(snapshot.isAllPaused),
            "queues": .array(
                snapshot.queues.map {
                    [
                        "name": .string($0.text), "length": .integer($0.length), "isPaused": .bool($0.isPaused),
                        "ageMilliseconds": Self.optional($0.age),
                    ]
                }),
            "workers": WorkerReport(snapshot.workers, now: snapshot.time).json,
            "processes": .array(
                snapshot.owners.map {
                    [
                        "name": .string($0.name), "state": .string($0.state.rawValue), "held": .integer($0.held),
                        "leaseEnds": Self.optional($0.deadline),
                    ]
                }),
        ]
    }

    static func optional(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }
}
