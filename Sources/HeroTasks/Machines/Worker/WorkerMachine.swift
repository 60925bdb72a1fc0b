// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the workers of one process do, without I/O and clock: events in, actions out.
///
/// All that it holds in Redis belongs to an owner with a lease. A lost lease ends an *era*: everything is cancelled, and the
/// process goes on as a new owner. Whatever is answered late belongs to an era, and is nobody's when that is over.
///
/// Times are nanoseconds of any clock that does not go backwards.
package struct WorkerMachine {
    package enum Phase: Sendable, Hashable {
        case idle, starting, working, leaving, ended
    }

    struct Run {
        let slot: Int
        let job: HeldJob
        let since: Int
        /// Told to end, or never to be heard of again.
        var isCancelled = false
        /// Its outcome is nobody's business any more.
        var isForeign = false
        var isInterrupted = false
    }

    struct Stop {
        /// When what runs is told to end.
        let deadline: Int
        /// When it is given back although it runs.
        let cutoff: Int
        /// When the process ends in any case.
        let end: Int
        var hasCancelled = false
        var hasCutOff = false
    }

    package let settings: WorkerSettings
    package internal(set) var phase = Phase.idle
    package internal(set) var era = 0
    package internal(set) var queues: QueueOrder
    /// How many workers there are to be.
    package private(set) var slots = 0

    var actions: [WorkerAction] = []
    /// What the present owner holds, until its outcome is known to Redis.
    var held: [Int: HeldJob] = [:]
    var heldBytes = 0
    var ready = WaitingJobs()
    var suspects = WaitingJobs()
    /// Also of earlier eras, as long as they run.
    var runs: [RunKey: Run] = [:]
    var slotTable = SlotTable()
    var outcomes: [FinishedJob] = []
    var oldestOutcome = 0
    var pace = RunPace()
    var random: SplitMix
    var stop: Stop?

    // Turns, in WorkerMachine+Turn.swift.
    var turn: WorkerTurn?
    var nextTurn = 1
    /// No turn before this.
    var turnAllowed = 0
    var failedTurns = 0
    /// A claim whose answer nobody knows: it is repeated as it was.
    var pinned: ClaimOrder?
    var nextNumber = 1
    /// Outcomes that one turn may carry; fewer while Redis refuses some.
    var finishLimit = JobScripts.mostJobs
    /// Queues of the order that have been found empty.
    var passed = 0
    /// Queues that are asked one by one, since one of them is bad.
    var probing = 0
    var isDry = false
    var nextPoll = 0
    var isWatching = false
    var watchAllowed = 0
    var wokenInVain = false
    var listed = Int.min / 2
    var isListing = false
    /// Whether a queue was added since the list under way was asked for.
    var hasNews = false

    // The lease, in WorkerMachine+Lease.swift.
    var leaseBegan = 0
    var nextRenewal = Int.max
    /// When the process gives its lease up itself.
    var leaseEnd = Int.max
    var renewal: Renewal?
    /// Outcomes that were sent and of which nobody knows whether they arrived.
    var doubtful: Set<Int> = []

    // Suspects, in WorkerMachine+Runs.swift.
    /// The number whose mark is under way.
    var marking: Int?
    /// The suspect that the next one waits for, and until when.
    var freshSuspect: (key: RunKey, until: Int)?
    var runningSuspects: Set<RunKey> = []
    var markAllowed = 0

    // Its end, in WorkerMachine+Stop.swift.
    var leaveAllowed = 0

    /// - Parameters:
    ///   - settings: What it goes by.
    ///   - queues: What is worked.
    ///   - seed: Decides where queues have weights.
    package init(settings: WorkerSettings = WorkerSettings(), queues: QueueOrder, seed: UInt64) {
        self.settings = settings
        self.queues = queues
        random = SplitMix(state: seed)
    }

    // MARK: Events

    package mutating func begin(now: Int) -> [WorkerAction] {
        guard phase == .idle else { return [] }
        beginEra(now)
        return done(now)
    }

    /// There are to be more workers, or fewer: those above end when their job has.
    package mutating func resize(to slots: Int, now: Int) -> [WorkerAction] {
        self.slots = min(max(0, slots), settings.mostHeld)
        return done(now)
    }

    /// Other queues are worked from now on; what was fetched of the old ones is run.
    package mutating func work(_ queues: QueueOrder, now: Int) -> [WorkerAction] {
        self.queues = queues
        listed = Int.min / 2
        (probing, watchAllowed) = (0, now)
        dampen()
        return done(now)
    }

    /// The queues that there are.
    package mutating func listed(_ names: [String]?, now: Int) -> [WorkerAction] {
        isListing = false
        listed = hasNews ? Int.min / 2 : now
        hasNews = false
        if let names, queues.list(names) { dampen() }
        return done(now)
    }

    /// There may be a new queue.
    package mutating func heardOfQueue(now: Int) -> [WorkerAction] {
        guard queues.hasAll else { return [] }
        // A list that is under way may be older than the queue.
        if isListing { hasNews = true } else { listed = Int.min / 2 }
        return done(now)
    }

    /// Something has arrived in a queue that was watched.
    package mutating func woken(now: Int) -> [WorkerAction] {
        isWatching = false
        if isDry {
            isDry = false
            passed = 0
            wokenInVain = true
        }
        return done(now)
    }

    /// Whether somebody watches the queues; otherwise they are asked again and again.
    package mutating func watching(_ isWatching: Bool, now: Int) {
        self.isWatching = isWatching
        if isDry { nextPoll = now + (isWatching ? settings.pollWhileWatching : settings.poll) }
    }

    /// The watch has ended without a word.
    package mutating func unwatched(now: Int) -> [WorkerAction] {
        isWatching = false
        if isDry { nextPoll = min(nextPoll, now + settings.poll) }
        return done(now)
    }

    /// It is this late.
    package mutating func tick(now: Int) -> [WorkerAction] {
        guard phase != .ended else { return [] }
        tickLease(now)
        requeueStale(now)
        if isDry, now >= nextPoll { dampen() }
        return done(now)
    }

    /// Queues may have something again.
    mutating func dampen() {
        isDry = false
        passed = 0
    }

    // MARK: What follows from all of it

    /// Does what can be done now, and hands out what has come together.
    mutating func done(_ now: Int) -> [WorkerAction] {
        if phase == .working, now >= leaseEnd { loseLease(now, isOwn: true) }
        if phase == .working {
            if stop != nil { proceedStopping(now) }
            startRuns(now)
            startSuspect(now)
            send(now)
            list(now)
        } else if stop != nil {
            proceedStopping(now)
        }
        let actions = actions
        self.actions = []
        return actions
    }

    private mutating func list(_ now: Int) {
        guard queues.hasAll, !isListing, stop == nil else { return }
        guard now - listed >= (isDry ? settings.listAgeIdle : settings.listAge) else { return }
        isListing = true
        actions.append(.listQueues)
    }

    // MARK: What others look at

    /// Workers that have a job.
    package var busy: Int { runs.count }
    package var heldCount: Int { held.count }
    package var isStopping: Bool { stop != nil }
    /// Whether jobs were fetched that have not started.
    package var hasWaiting: Bool { !ready.isEmpty || !suspects.isEmpty }
    /// What runs under the present lease.
    package var running: [(slot: Int, job: HeldJob, since: Int)] {
        runs.filter { $0.key.era == era }.map { ($0.value.slot, $0.value.job, $0.value.since) }
    }

    /// Whether the lease under which a run began is still the process' own.
    package func isLeaseValid(_ key: RunKey, now: Int) -> Bool {
        key.era == era && phase == .working && now < leaseEnd && runs[key]?.isForeign == false
    }

    /// When the present lease is over for the process; `nil` before it has begun.
    package var leaseDeadline: Int? { phase == .working || phase == .leaving ? leaseEnd : nil }

    /// When ``tick(now:)`` has something to do; `nil` for never.
    package var wakeUp: Int? {
        guard phase != .idle, phase != .ended else { return nil }
        var time = min(leaseWakeUp, stopWakeUp)
        if phase == .working {
            if let first = ready.first { time = min(time, first.since + settings.prefetchAge) }
            if let first = suspects.first { time = min(time, first.since + settings.suspectTime, suspectWakeUp) }
            time = min(time, turnWakeUp)
            if queues.hasAll, !isListing, stop == nil {
                time = min(time, listed + (isDry ? settings.listAgeIdle : settings.listAge))
            }
        }
        return time == .max ? nil : time
    }
}

/// Random numbers that a seed decides; nothing secret depends on them.
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
