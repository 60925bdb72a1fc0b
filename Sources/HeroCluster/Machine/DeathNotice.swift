// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The end of a process that may have held jobs.
struct DeathNotice: Sendable, Codable {
    let pid: Int32
    private let owner: UInt32?
    private let number: UInt32?

    init(pid: Int32, job: JobMark?) {
        self.pid = pid
        (owner, number) = (job?.owner, job?.number)
    }

    /// As ``WorkerEnd/job``.
    var job: JobMark? {
        guard let owner, let number else { return nil }
        return JobMark(owner: owner, number: number)
    }
}
