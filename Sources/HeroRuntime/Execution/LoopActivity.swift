// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem
internal import Synchronization

/// What a loop is doing, readable from other threads.
package final class LoopActivity: Sendable {
    /// Monotonic nanoseconds; 0 while no action runs.
    private let began = Atomic<UInt64>(0)
    /// The running action.
    ///
    /// Those of registered actions are never freed, so the address stays valid.
    private let action = Atomic<UInt>(0)
    /// Nanoseconds that actions have run; written by the loop only.
    private let inActions = Atomic<UInt64>(0)
    /// A question to which the loop answers when it comes by.
    private let question = Mutex<Question?>(nil)
    private let blocks = Atomic<Int>(0)
    /// The loop runs nothing any more, which is no block.
    private let ended = Atomic<Bool>(false)

    private struct Question {
        let asked: UInt64
        /// ``inActions`` when it was asked.
        let inActions: UInt64
    }

    /// Where the running action is noted for the master; `nil` without one.
    private let slot: BoardSlot?

    /// - Parameter slot: Where the running action is noted for the master.
    package init(slot: BoardSlot? = nil) {
        self.slot = slot
    }

    /// - Parameters:
    ///   - action: What begins to run.
    ///   - now: Monotonic nanoseconds.
    func begin(_ action: WatchedAction, at now: UInt64) {
        slot?.setRunning(action.boardNumber.load(ordering: .relaxed), thread: 0)
        self.action.store(UInt(bitPattern: Unmanaged.passUnretained(action).toOpaque()), ordering: .relaxed)
        began.store(now, ordering: .releasing)
    }

    /// - Parameter elapsed: Nanoseconds for which it has run.
    func end(after elapsed: UInt64 = 0) {
        slot?.setRunning(nil, thread: 0)
        inActions.store(inActions.load(ordering: .relaxed) &+ elapsed, ordering: .relaxed)
        began.store(0, ordering: .releasing)
    }

    /// What runs and since when.
    var current: (action: WatchedAction, began: UInt64)? {
        let start = began.load(ordering: .acquiring)
        guard start != 0, let address = UnsafeRawPointer(bitPattern: action.load(ordering: .relaxed)) else {
            return nil
        }
        return (Unmanaged<WatchedAction>.fromOpaque(address).takeUnretainedValue(), start)
    }

    // MARK: What is not an action

    /// When the loop was asked to come by and has not yet; `nil` otherwise.
    var askedAt: UInt64? { question.withLock { $0?.asked } }

    /// - Parameter now: Monotonic nanoseconds.
    func ask(at now: UInt64) {
        let question = Question(asked: now, inActions: inActions.load(ordering: .relaxed))
        self.question.withLock { $0 = question }
    }

    /// The answer would say nothing: the whole process stood still.
    func forgetQuestion() { question.withLock { $0 = nil } }

    /// Called by the loop when it comes by.
    ///
    /// - Parameter now: Monotonic nanoseconds.
    /// - Returns: Nanoseconds since it was asked in which no action ran; 0 when it was not asked.
    func answer(at now: UInt64) -> UInt64 {
        let asked = question.withLock { question in
            defer { question = nil }
            return question
        }
        guard let asked, now > asked.asked else { return 0 }
        let (elapsed, inActions) = (now - asked.asked, inActions.load(ordering: .relaxed) &- asked.inActions)
        return elapsed > inActions ? elapsed - inActions : 0
    }

    package var hasEnded: Bool {
        get { ended.load(ordering: .relaxed) }
        set { ended.store(newValue, ordering: .relaxed) }
    }

    /// How often something other than an action was seen to block the loop.
    package var blockCount: Int { blocks.load(ordering: .relaxed) }
    func countBlock() { blocks.wrappingAdd(1, ordering: .relaxed) }
}
