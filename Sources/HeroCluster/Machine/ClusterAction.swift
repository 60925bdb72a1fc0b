// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    /// The worker does not end although it was killed: the master waits for it no longer.
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
