// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Synchronization

/// What one worker writes and everybody may read.
package struct BoardSlot: Sendable {
    private let acceptingField: BoardNumbers
    private let connectionsField: BoardNumbers
    private let requestsField: BoardNumbers
    private let errorsField: BoardNumbers
    private let runningField: BoardNumbers
    private let actionsField: BoardNumbers
    private let jobsField: BoardNumbers
    private let jobOwnersField: BoardNumbers
    private let ownSignalField: BoardNumbers
    private let ownSignalActionsField: BoardNumbers
    /// Everything of this slot, what other versions keep there included.
    private let areas: [BoardNumbers]

    init(_ areas: [BoardNumbers], _ field: (BoardLayout.Field) -> BoardNumbers) {
        self.areas = areas
        (acceptingField, connectionsField) = (field(.accepting), field(.connections))
        (requestsField, errorsField) = (field(.requests), field(.errors))
        (runningField, actionsField) = (field(.running), field(.actions))
        (jobsField, jobOwnersField) = (field(.jobs), field(.jobOwners))
        (ownSignalField, ownSignalActionsField) = (field(.ownSignal), field(.ownSignalActions))
    }

    package var isAccepting: Bool {
        get { acceptingField.load() == 1 }
        nonmutating set { acceptingField.store(newValue ? 1 : 0) }
    }

    package var connections: Int {
        get { Int(connectionsField.load()) }
        nonmutating set { connectionsField.store(UInt32(clamping: newValue)) }
    }

    /// - Parameter change: Connections that one server has more, or fewer.
    package func changeConnections(by change: Int) {
        if change < 0 {
            connectionsField.subtract(UInt32(clamping: -change))
        } else {
            connectionsField.add(UInt32(clamping: change))
        }
    }

    /// Requests that were answered.
    package var requests: Int { Int(requestsField.load()) }
    /// Requests that were answered with a status of 500 or above.
    package var errors: Int { Int(errorsField.load()) }

    package func countResponse(status: Int) {
        requestsField.add(1)
        if status >= 500 { errorsField.add(1) }
    }

    /// Threads whose running action can be noted: the event loop is 0, the others belong to the thread pool.
    package var threads: Int { runningField.count }

    /// Notes which action a thread executes; nothing for threads beyond the places, which would blame each other.
    package func setRunning(_ action: Int?, thread: Int) {
        guard thread < threads else { return }
        runningField.store(action.map { UInt32(clamping: $0 + 1) } ?? 0, thread)
    }

    /// Notes which job a thread executes; nothing for threads beyond the places.
    package func setJob(_ job: JobMark?, thread: Int) {
        guard thread < jobsField.count else { return }
        if let job { jobOwnersField.store(job.owner, thread) }
        jobsField.store(job?.number ?? 0, thread)
    }

    /// The job that a thread executes.
    package func job(thread: Int) -> JobMark? {
        guard thread < jobsField.count else { return nil }
        let number = jobsField.load(thread)
        return number == 0 ? nil : JobMark(owner: jobOwnersField.load(thread), number: number)
    }

    /// Jobs that threads execute.
    package var jobs: [JobMark] { (0..<jobsField.count).compactMap { job(thread: $0) } }

    package func begin(_ action: Int) { actionsField.add(1, action) }
    package func end(_ action: Int) { actionsField.subtract(1, action) }

    /// The number of the action that a thread executes.
    package func running(thread: Int) -> Int? {
        guard thread < threads else { return nil }
        let number = runningField.load(thread)
        return number == 0 ? nil : Int(number) - 1
    }

    /// Numbers of actions that threads are executing.
    package var running: [Int] {
        let numbers = (0..<runningField.count).map { Int(runningField.load($0)) }
        return Array(Set(numbers.filter { $0 != 0 }.map { $0 - 1 })).sorted()
    }

    /// Numbers of actions that have begun and not ended.
    package func inFlight(among count: Int) -> [Int] {
        (0..<min(count, actionsField.count)).filter { actionsField.load($0) != 0 }
    }

    /// Notes that the worker is about to send itself a signal; the first one counts.
    package func noteOwnSignal(_ signal: Int32) {
        guard ownSignal == nil else { return }
        for (position, action) in running.prefix(ownSignalActionsField.count).enumerated() {
            ownSignalActionsField.store(UInt32(clamping: action + 1), position)
        }
        ownSignalField.storeInOrder(UInt32(clamping: signal), 0)
    }

    /// The signal that the worker has sent itself, and the numbers of the actions that its threads executed then.
    package var ownSignal: (number: Int32, running: [Int])? {
        let signal = ownSignalField.loadInOrder(0)
        guard signal != 0 else { return nil }
        let numbers = (0..<ownSignalActionsField.count).map { Int(ownSignalActionsField.load($0)) }
        return (Int32(clamping: signal), numbers.filter { $0 != 0 }.map { $0 - 1 })
    }

    /// From here on signals that this process sends itself are noted here; only one slot at a time can be the process's own.
    package func noteOwnSignals() {
        Self.own.withLock { $0 = self }
        hero_note_own_signals { signal in
            // Never waits: whoever sends the signal may be a handler of another one.
            let slot = BoardSlot.own.withLockIfAvailable { $0 }
            if let slot = slot ?? nil { slot.noteOwnSignal(signal) }
        }
    }

    /// The process's own slot.
    private static let own = Mutex<BoardSlot?>(nil)

    /// Makes the slot ready for another worker.
    package func clear() {
        // In this order, so that nobody counts with what is half gone.
        isAccepting = false
        for area in areas { area.clear() }
    }
}
