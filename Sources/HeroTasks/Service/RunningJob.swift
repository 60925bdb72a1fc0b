// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroSystem
internal import Synchronization

/// One run of a job, as its task sees it.
final class RunningJob: TaskContextHost {
    let applicationHost: any ApplicationHost
    let payload: JobPayload
    let run: JobRun
    let cursor: JSON?
    private let store: JobStore
    private let isEnding: @Sendable () -> Bool
    private let progress = Mutex(Progress())
    /// Whether a place to go on may be kept for the job.
    private let hasCursor: Atomic<Bool>

    private struct Progress {
        /// The last word of the job, as long as it is not on its way.
        var latest: JobResult?
        var sending: Task<Void, Never>?
        var isOver = false
    }

    /// Milliseconds for which a place to go on is kept: longer than anything waits.
    private static let cursorLifetime = 604_800_000

    init(
        _ run: JobRun, _ payload: JobPayload, cursor: JSON?, in store: JobStore, _ application: any ApplicationHost,
        isEnding: @escaping @Sendable () -> Bool
    ) {
        (self.run, self.payload, self.cursor, self.store) = (run, payload, cursor, store)
        (applicationHost, self.isEnding) = (application, isEnding)
        hasCursor = Atomic(cursor != nil)
    }

    /// Whether a place to go on has to be forgotten: an equal job would begin there.
    func leavesCursor(_ end: JobOutcome) -> Bool {
        switch end {
        case .requeue, .retry, .later, .unknown: false
        case .done, .failed, .expired, .dropped: hasCursor.load(ordering: .relaxed)
        }
    }

    static func digest(_ run: JobRun) -> String { SHA1.hexadecimal(run.job.payload) }

    var taskName: String { payload.task }
    var queue: String { run.job.queue }
    var workerName: String { run.worker }
    var attempt: Int { run.attempt }
    var arguments: [JSON] { payload.inputs }
    var jobID: String { payload.tag.id ?? "\(run.owner)~\(run.job.number)" }
    var batchID: String? { payload.tag.batch }
    var isLeaseValid: Bool { run.isLeaseValid() }
    var isStopping: Bool { isEnding() }

    func saveCursor(_ cursor: JSON) async throws {
        // It may be there although nobody has said so.
        hasCursor.store(true, ordering: .relaxed)
        let answer: OwnerAnswer
        do {
            let digest = Self.digest(run)
            answer = try await store.note(
                run.owner, run.job.number, at: store.keys.cursor(digest), digest: digest, Array(cursor.text().utf8),
                milliseconds: Self.cursorLifetime)
        } catch { throw JobFaults.thrown(error) }
        guard answer == .yes else {
            throw TaskError(.leaseLost, "the job is another process's by now: its place to go on is not kept")
        }
    }

    func progress(_ fraction: Double, _ message: String) {
        note(JobResult(state: .running, progress: fraction, message: message))
    }

    /// Stores how far the job is where somebody asks for it: the latest word, one at a time.
    func note(_ result: JobResult) {
        guard keepsResult else { return }
        progress.withLock { progress in
            guard !progress.isOver else { return }
            progress.latest = result
            guard progress.sending == nil else { return }
            // Awaited by `store(_:)`.
            progress.sending = Task {
                while let latest = self.next() { await self.send(latest) }
            }
        }
    }

    private func next() -> JobResult? {
        progress.withLock { progress in
            defer { progress.latest = nil }
            if progress.latest == nil { progress.sending = nil }
            return progress.latest
        }
    }

    /// Whether anybody can ask how far the job is.
    var keepsResult: Bool { lifetime > 0 }
    private var lifetime: Int { payload.tag.id.map(JobID.lifetime) ?? 0 }

    /// Stores how the job has ended, or goes on.
    func store(_ result: JobResult) async {
        guard keepsResult else { return }
        let sending = progress.withLock { progress in
            (progress.isOver, progress.latest) = (true, nil)
            return progress.sending
        }
        // Progress that arrives later would take the place of the result.
        await sending?.value
        await send(result)
    }

    private func send(_ result: JobResult) async {
        guard let id = payload.tag.id else { return }
        // A result that cannot be stored fails no job: it is asked for in vain.
        _ = try? await store.note(
            run.owner, run.job.number, at: store.keys.job(id), JobStatus.bytes(result), milliseconds: lifetime)
    }
}
