// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import HeroRedis
import HeroRuntime
import HeroShared
import HeroSystem
import HeroTasks

/// What `hero redis doctor` says about background jobs.
struct JobCheckup {
    private let subject: String
    private let application: HeroApplication
    private let client: any RedisClient

    /// Milliseconds that a job may be late, and a lease be over, before somebody should have seen it.
    private static let patience = 60_000
    /// Milliseconds that a job may wait in its queue.
    private static let longWait = 300_000

    private typealias Level = RedisFinding.Level

    init(_ subject: String, _ application: HeroApplication, _ client: any RedisClient) {
        (self.subject, self.application, self.client) = (subject, application, client)
    }

    func findings() async -> [RedisFinding] {
        // A namespace that cannot be used is another finding.
        guard
            let keys = try? JobKeys(
                namespace: application.core.tasks.namespace, isCluster: client is RedisClusterClient)
        else { return [] }
        let store = JobStore(client, keys)
        do throws(RedisError) {
            let snapshot = try await QueueInspector(store).snapshot()
            let unknown = try await store.unknownHolders()
            return queues(snapshot) + waiting(snapshot) + ended(snapshot) + leases(snapshot, unknown)
        } catch {
            return [finding("jobs", error.message, (.error, "see the error"))]
        }
    }

    private func finding(_ check: String, _ found: String, _ problem: (Level, String)? = nil) -> RedisFinding {
        RedisFinding(level: problem?.0 ?? .ok, subject: subject, check: check, found: found, remedy: problem?.1)
    }

    private func queues(_ snapshot: QueueSnapshot) -> [RedisFinding] {
        let count = snapshot.queues.reduce(0) { $0 + $1.length }
        var findings = [
            finding("queues", snapshot.queues.isEmpty ? "none" : "\(snapshot.queues.count) with \(count) jobs")
        ]
        if let oldest = snapshot.queues.filter({ $0.age != nil }).max(by: { ($0.age ?? 0) < ($1.age ?? 0) }) {
            let age = oldest.age ?? 0
            findings.append(
                finding(
                    "oldest job", "waits in \(oldest.text) for \(SpanText.of(age)) or more",
                    age > Self.longWait
                        ? (
                            .warning,
                            oldest.isPaused
                                ? "the queue is paused: hero tasks resume"
                                : "nobody takes jobs from there, or too few do: hero tasks shows the workers"
                        ) : nil))
        } else if count > 0 {
            findings.append(finding("oldest job", "not known: no scheduler has looked yet"))
        }
        let paused = snapshot.queues.filter(\.isPaused)
        if snapshot.isAllPaused || !paused.isEmpty {
            findings.append(
                finding(
                    "paused queues", snapshot.isAllPaused ? "all" : paused.map(\.text).joined(separator: ", "),
                    (.warning, "hero tasks resume, when it is time")))
        }
        return findings
    }

    private func waiting(_ snapshot: QueueSnapshot) -> [RedisFinding] {
        let remedy: (Level, String) = (
            .warning, "nobody moves them to their queues: run a scheduler, or for retries a process with workers"
        )
        func finding(_ check: String, _ moment: Int?) -> RedisFinding? {
            moment.map { moment in
                self.finding(
                    check,
                    moment > snapshot.time
                        ? "the first is due in \(SpanText.of(moment - snapshot.time))"
                        : "the first is \(SpanText.of(snapshot.time - moment)) late",
                    snapshot.time - moment > Self.patience ? remedy : nil)
            }
        }
        let times = [finding("delayed jobs", snapshot.nextDelayed), finding("retries", snapshot.nextRetry)]
            .compactMap { $0 }
        guard snapshot.leader != nil || !times.isEmpty else { return [] }
        let leader = snapshot.leader.map { "\($0) leads" } ?? "nobody leads"
        // Retries are moved by whoever runs jobs; delayed jobs are not.
        let isMissing = snapshot.leader == nil && snapshot.nextDelayed != nil
        return times + [
            self.finding(
                "scheduler", leader,
                isMissing ? (.warning, "delayed jobs wait for one: run a process with tasks.scheduler") : nil)
        ]
    }

    private func ended(_ snapshot: QueueSnapshot) -> [RedisFinding] {
        let remedy: (Level, String) = (.warning, "hero tasks failed lists them; retry or remove them")
        return [
            finding("failed jobs", "\(snapshot.failed)", snapshot.failed == 0 ? nil : remedy),
            finding(
                "dead jobs", "\(snapshot.dead)",
                snapshot.dead == 0
                    ? nil : (.warning, "they are not tried again by themselves; they are among the failed ones")),
        ]
    }

    private func leases(_ snapshot: QueueSnapshot, _ unknown: [String]) -> [RedisFinding] {
        let over = snapshot.stuck.filter { owner in
            owner.state == .expired && snapshot.time - (owner.deadline ?? 0) > Self.patience
        }
        let leaseless = snapshot.stuck.filter { $0.state == .leaseless && $0.held > 0 }
        let count = leaseless.count + unknown.count
        let remedy: (Level, String) = (.warning, "jobs of processes that died wait for a process that runs jobs")
        return [
            finding(
                "expired leases",
                over.isEmpty ? "0" : "\(over.count), with \(over.reduce(0) { $0 + $1.held }) jobs",
                over.isEmpty ? nil : remedy),
            finding("jobs without lease", count == 0 ? "0" : "of \(count) processes", count == 0 ? nil : remedy),
        ]
    }
}
