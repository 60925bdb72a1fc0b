// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroRuntime
import Synchronization

/// An event loop of one thread whose timers fire when the test says so.
final class TestLoop: ActionLoop {
    let activity = LoopActivity()
    private let queue = DispatchQueue(label: "test loop")
    private let mark = DispatchSpecificKey<Bool>()
    private let timers = Mutex<(next: Int, waiting: [Int: @Sendable () -> Void])>((0, [:]))

    init() { queue.setSpecific(key: mark, value: true) }

    /// Whether the caller runs on this loop.
    var isCurrent: Bool { DispatchQueue.getSpecific(key: mark) == true }

    func execute(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    func schedule(afterNanoseconds delay: Int64, _ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let number = timers.withLock { timers in
            timers.next += 1
            timers.waiting[timers.next] = work
            return timers.next
        }
        return { self.timers.withLock { $0.waiting[number] = nil } }
    }

    func ping() async { await settle() }
    var thread: Int32 { get async { 0 } }

    var timerCount: Int { timers.withLock { $0.waiting.count } }

    /// Runs all timers as though their delay were over.
    func fireTimers() {
        let waiting = timers.withLock { timers in
            defer { timers.waiting = [:] }
            return Array(timers.waiting.values)
        }
        for work in waiting { execute(work) }
    }

    /// Waits until everything that was handed to the loop so far has run.
    func settle() async {
        await withCheckedContinuation { continuation in execute { continuation.resume() } }
    }
}

/// What actions, middleware and initializers did, in order; provided to them as a service.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])
    var all: [String] { entries.withLock { $0 } }
    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
}

extension Context {
    var journal: Journal {
        get throws { try services.require() }
    }
}

/// Holds tasks until it is opened.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
