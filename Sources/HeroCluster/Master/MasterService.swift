// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A program that the master keeps running beside its workers, whatever it is.
///
/// Called by the master's loop only; what it does in between is its own matter.
package protocol MasterService: Sendable {
    /// Variables of the environment that lead workers to it.
    var workerEnvironment: [String: String] { get }
    /// A descriptor by which workers keep it alive when the master is killed; they hold it as long as they live.
    var lifeline: Int32 { get }
    /// Begins, without waiting; takes up what an earlier executable has left.
    func start()
    /// Ends it when no worker is left, and waits for that.
    func stop()
    /// Leaves it to the executable that this process becomes.
    func handOver()
    /// Goes on after all: there is no other executable.
    func resume()
}
