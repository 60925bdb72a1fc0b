// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// As much of an event loop as running actions needs; `ProcessLoop` of the servers implements it over SwiftNIO.
package protocol ActionLoop: AnyObject, Sendable {
    /// What runs on the loop now, for the watchdog.
    var activity: LoopActivity { get }
    /// Runs work on the loop's thread, later.
    func execute(_ work: @escaping @Sendable () -> Void)
    /// Runs work on the loop's thread after a delay.
    ///
    /// - Returns: Cancels the work when called before the delay is over.
    func schedule(afterNanoseconds delay: Int64, _ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void
    /// Returns when the loop has come by, which a blocked one never does, or has ended.
    func ping() async
    /// The loop's thread, as the system numbers it; 0 when it has ended.
    var thread: Int32 { get async }
}
