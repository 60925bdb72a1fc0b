// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// What a cluster that stops is waiting for, for a person.
package struct StopWait {
    private let status: JSON

    /// - Parameter status: What the master answers.
    package init(_ status: JSON) {
        self.status = status
    }

    /// A line for each worker that has not ended; the name is the same as long as it is the same one in the same state.
    package var lines: [(name: String, line: String)] { lines(isStopped: ProcessFacts.isStopped) }

    /// - Parameter isStopped: Whether somebody has stopped a process.
    /// - Returns: The same.
    func lines(isStopped: (Int32) -> Bool) -> [(name: String, line: String)] {
        (status["workers"]?.arrayValue ?? []).compactMap { worker in
            guard let id = worker["id"]?.intValue, let pid = worker["pid"]?.intValue else { return nil }
            let stopped = isStopped(Int32(truncatingIfNeeded: pid))
            var line = "waiting for worker #\(id) (\(pid))"
            if stopped {
                line += ", whose process somebody has stopped (`kill -CONT \(pid)` lets it go on)"
            } else if let count = worker["connections"]?.intValue {
                line += ", which has \(count) \(count == 1 ? "connection" : "connections")"
            }
            if let seconds = worker["killedInSeconds"]?.intValue { line += "; it is killed in \(seconds) s" }
            return ("\(pid)\(stopped)", line)
        }
    }
}
