// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which jobs wait for Redis in a file, and what is written there; without I/O and clock.
struct KeptMachine: Sendable {
    /// How a file is changed.
    enum Change: Sendable, Hashable {
        case append([UInt8])
        /// All of it is written anew.
        case rewrite([UInt8])
    }

    /// Bytes of jobs that may wait; the file has at most twice as many, for what it has delivered.
    let limit: Int
    private var jobs: [[UInt8]]
    private var head = 0
    private var waitingBytes: Int
    private var fileBytes: Int
    /// Jobs in the file, and those of them that are in Redis.
    private var (total, delivered): (Int, Int)
    private var failures = 0

    init(limit: Int, _ reading: KeptLog.Reading) {
        self.limit = limit
        jobs = reading.jobs
        waitingBytes = reading.jobs.reduce(0) { $0 + $1.count }
        fileBytes = reading.length
        (total, delivered) = (reading.total, reading.total - reading.jobs.count)
    }

    var count: Int { jobs.count - head }
    var isEmpty: Bool { count == 0 }

    /// - Returns: What is to be written before the jobs are accepted; `nil` when there is no room for all of them.
    func accept(_ new: [[UInt8]]) -> [UInt8]? {
        guard waitingBytes + new.reduce(0, { $0 + $1.count }) <= limit else { return nil }
        return Self.frames(new)
    }

    static func frames(_ jobs: [[UInt8]]) -> [UInt8] { jobs.flatMap { KeptLog.bytes(of: .job($0)) } }

    /// They are on the disk.
    mutating func accepted(_ new: [[UInt8]], bytes: Int) {
        jobs += new
        total += new.count
        waitingBytes += new.reduce(0) { $0 + $1.count }
        fileBytes += bytes
    }

    /// What goes to Redis next.
    func next(_ most: Int) -> [[UInt8]] { Array(jobs[head...].prefix(most)) }

    /// The first ones are in Redis.
    ///
    /// - Parameter count: How many.
    /// - Returns: What is to be written.
    mutating func delivered(_ count: Int) -> Change {
        for job in jobs[head...].prefix(count) { waitingBytes -= job.count }
        head += min(count, self.count)
        delivered += count
        failures = 0
        guard !isEmpty else {
            (jobs, head, waitingBytes) = ([], 0, 0)
            return rewrite()
        }
        if head >= 256, head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        let mark = KeptLog.bytes(of: .delivered(delivered))
        guard fileBytes + mark.count <= 2 * max(limit, 65_536) else { return rewrite() }
        fileBytes += mark.count
        return .append(mark)
    }

    private mutating func rewrite() -> Change {
        let bytes = KeptLog.head + Self.frames(Array(jobs[head...]))
        (total, delivered, fileBytes) = (count, 0, bytes.count)
        return .rewrite(bytes)
    }

    /// Redis is still away.
    ///
    /// - Returns: Milliseconds before the next try.
    mutating func failed() -> Int {
        failures += 1
        return min(5000, 50 << min(failures, 7))
    }
}
