// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A frozen set of bundles and configuration, and the release of the project that it belongs to.
package struct GenerationID: Codable, Sendable, Hashable, CustomStringConvertible {
    package let number: Int
    /// The project with all links resolved: a release that a link pointed to when the generation was frozen.
    package let root: String
    /// Equal for generations that run the same code with the same configuration, whatever their numbers.
    package let content: String

    package init(number: Int, root: String, content: String) {
        self.number = number
        self.root = root
        self.content = content
    }

    package var description: String { "generation \(number)" }
}

/// Something happened.
package enum ClusterEvent: Sendable {
    case start
    case signal(ClusterSignal)
    /// What is on disk has been checked and frozen, and its listening sockets are open; or not.
    case checked(CheckResult)
    case worker(serial: Int, WorkerMessage)
    case spawned(serial: Int, pid: Int32)
    /// It has begun to write what it dies of, which can take seconds.
    case crashing(serial: Int)
    /// It stops because code of its own has sent it a signal while these actions executed.
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

/// How a worker ended.
package struct WorkerEnd: Sendable {
    package enum Cause: Sendable, Hashable {
        case exit(Int32)
        case signal(Int32)
    }

    package let cause: Cause
    /// What it wrote while it crashed.
    package let report: CrashReport?
    /// Its last lines of output, for a candidate that ended without a word.
    package let lastLines: [String]
    /// Why there was no process at all; nothing of it has been logged.
    package let problems: [String]
    /// Actions that were executing on a thread, and actions that had begun and not ended.
    package var running: [String] = []
    package var inFlight: [String] = []
    /// Whether it was the kernel that has killed it, for want of memory.
    package var isOutOfMemory = false
    /// Whether code of its own has sent the signal; ``running`` then says what executed at that moment.
    package var isOwnSignal = false

    package init(
        cause: Cause, report: CrashReport? = nil, lastLines: [String] = [], problems: [String] = []
    ) {
        self.cause = cause
        self.report = report
        self.lastLines = lastLines
        self.problems = problems
    }
}

/// What is known about a crash.
package struct CrashReport: Sendable {
    /// One line.
    package let message: String
    /// Backtrace and whatever else was written.
    package let lines: [String]
    /// Actions that were executing on a thread at that moment.
    package let running: [String]
    /// Actions that had begun and not ended.
    package let inFlight: [String]

    package init(message: String, lines: [String], running: [String], inFlight: [String]) {
        self.message = message
        self.lines = lines
        self.running = running
        self.inFlight = inFlight
    }
}

/// What a worker counts, since it started.
package struct WorkerCounters: Sendable, Hashable {
    package var connections = 0
    package var requests = 0
    package var errors5xx = 0
    package var residentMegabytes = 0

    package init() {}
}

/// What an operator asks for through the control socket.
package enum ControlCommand: Sendable, Hashable {
    case status
    case reload(wait: Bool, force: Bool)
    case rollback
    case scale(Int)
    case stop
    case release(String)
    case upgrade
    /// Answered when no deploy is under way.
    case wait
}

/// What the master is to do; the machine decides, the shell acts.
package enum ClusterAction: Sendable {
    case log(ClusterLogLevel, String)
    /// Freeze and check what is on disk.
    case check
    /// End the child that checks, whose answer is not waited for any more.
    case endCheck
    case spawn(serial: Int, id: Int, GenerationID)
    case send(serial: Int, MasterMessage)
    case kill(serial: Int)
    /// It does not end although it was killed; nobody waits for it any more.
    case abandon(serial: Int)
    /// Make the worker write a backtrace of its event loop and end.
    case abort(serial: Int)
    case reopenLogs
    /// Generations whose files may be needed, and those whose sockets are in use; the others may be removed and closed.
    case retire(keeping: [GenerationID], listening: [GenerationID])
    case reply(client: Int, ControlReply)
    case notify(SystemdState)
    /// Ask the new executable whether it can take over.
    case checkUpgrade
    /// End that child, whose answer is not waited for any more.
    case endUpgradeCheck
    case handOver
    /// Write down what the next master is to know.
    case remember(ClusterMemory)
    case exit(Int32)
}

package enum ClusterLogLevel: String, Sendable {
    case emerg, alert, error, warning, notice, info, debug
}

package enum SystemdState: Sendable, Hashable {
    case ready(String)
    case reloading(String)
    case status(String)
    case stopping
}

/// The answer to a command.
package struct ControlReply: Sendable, Hashable {
    package let isSuccess: Bool
    package let lines: [String]
    /// Whether the answer is the status.
    package let isStatus: Bool

    package init(isSuccess: Bool, lines: [String], isStatus: Bool = false) {
        self.isSuccess = isSuccess
        self.lines = lines
        self.isStatus = isStatus
    }
}
