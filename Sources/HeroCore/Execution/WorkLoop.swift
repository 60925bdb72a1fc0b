// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem
internal import Synchronization

/// An event loop, as much of it as running actions needs.
///
/// The servers implement it over SwiftNIO.
package protocol WorkLoop: AnyObject, Sendable {
    /// What runs on the loop now, for the watchdog.
    var activity: LoopActivity { get }
    /// Runs work on the loop's thread, later.
    func execute(_ work: @escaping @Sendable () -> Void)
    /// Runs work on the loop's thread after a delay.
    ///
    /// - Returns: Cancels the work when called before the delay is over.
    func schedule(afterNanoseconds delay: Int64, _ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void
}

/// Which action a loop is running and since when; written by the loop, read by the watchdog's thread.
package final class LoopActivity: Sendable {
    /// Monotonic nanoseconds; 0 while no action runs.
    private let began = Atomic<UInt64>(0)
    /// The running action.
    ///
    /// Registered actions are never freed, so the address stays valid.
    private let action = Atomic<UInt>(0)

    /// Where the running action is noted for the master; `nil` without one.
    private let slot: BoardSlot?

    /// - Parameter slot: Where the running action is noted for the master.
    package init(slot: BoardSlot? = nil) {
        self.slot = slot
    }

    /// - Parameters:
    ///   - record: What begins to run.
    ///   - now: Monotonic nanoseconds.
    func begin(_ record: ActionRecord, at now: UInt64) {
        slot?.setRunning(record.boardNumber.load(ordering: .relaxed), thread: 0)
        action.store(UInt(bitPattern: Unmanaged.passUnretained(record).toOpaque()), ordering: .relaxed)
        began.store(now, ordering: .releasing)
    }

    func end() {
        slot?.setRunning(nil, thread: 0)
        began.store(0, ordering: .releasing)
    }

    /// What runs and since when.
    var current: (action: ActionRecord, began: UInt64)? {
        let start = began.load(ordering: .acquiring)
        guard start != 0, let address = UnsafeRawPointer(bitPattern: action.load(ordering: .relaxed)) else {
            return nil
        }
        return (Unmanaged<ActionRecord>.fromOpaque(address).takeUnretainedValue(), start)
    }
}
