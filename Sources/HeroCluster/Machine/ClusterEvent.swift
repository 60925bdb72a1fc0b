// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Something happened.
package enum ClusterEvent: Sendable {
    case start
    case signal(ClusterSignal)
    /// The files of the project have been checked and frozen, and their listening sockets are open; or not.
    case checked(CheckResult)
    case worker(serial: Int, WorkerMessage)
    case spawned(serial: Int, pid: Int32)
    /// The worker has begun to write its backtrace, which can take seconds.
    case crashing(serial: Int)
    /// The worker stops because code of its own has sent it a signal while these actions executed.
    case signalledItself(serial: Int, signal: Int32, running: [String])
    case exited(serial: Int, WorkerEnd)
    /// - Parameter obstacle: Why ``ClusterMachine/earlier`` cannot be started, for a command that would do that.
    case control(client: Int, ControlCommand, obstacle: String? = nil)
    /// The client will not read its answer.
    case clientGone(Int)
    /// What a new executable says about taking over; problems, or none.
    case upgradeChecked([String])
    /// How far the child that checks and freezes, or the new executable's, has come.
    case checkProgress(isUpgrade: Bool, String)
    /// This is a new executable that has taken over from another one.
    case resumed
    /// Files have been removed from under the cluster, perhaps those of logs among them.
    case filesLost
    /// The new executable could not be executed after all.
    case handOverFailed(String)
    /// Time has passed; what the workers have counted.
    case tick([Int: WorkerCounters])
}

/// Signals that mean something to the master.
package enum ClusterSignal: String, Sendable, CaseIterable {
    case terminate = "SIGTERM"
    case interrupt = "SIGINT"
    case quit = "SIGQUIT"
    case hangUp = "SIGHUP"
    case user1 = "SIGUSR1"
    case user2 = "SIGUSR2"
    case increase = "SIGTTIN"
    case decrease = "SIGTTOU"
    case windowChange = "SIGWINCH"
    case upgrade = "SIGRTMIN"
}

package enum CheckResult: Sendable {
    /// - Parameters:
    ///   - keeping: How many generations are kept for the way back.
    ///   - losses: What the running generation has and this one has not, although nobody wants to be without it.
    case accepted(GenerationID, ClusterSettings, keeping: Int, warnings: [String], losses: [String] = [])
    case refused([String], exitCode: Int32)
}

/// What a worker counts, since it started.
package struct WorkerCounters: Sendable, Hashable {
    package var connections = 0
    package var requests = 0
    package var errors5xx = 0
    package var residentMegabytes = 0

    package init() {}
}
