// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Synchronization

/// A run of a job that does what a test says, and remembers what the job did.
///
/// It has no process.
final class ScriptedRun: TaskContextHost {
    struct State {
        var isLeaseValid = true
        var isStopping = false
        var cursor: JSON?
        var progress: [Double] = []
    }

    let state = Mutex(State())

    var applicationHost: any ApplicationHost { preconditionFailure("this run has no process") }
    var taskName: String { "scripted" }
    var jobID: String { "1" }
    var queue: String { "default" }
    var workerName: String { "here:1+1" }
    var attempt: Int { 1 }
    var arguments: [JSON] { [[:]] }
    var batchID: String? { nil }
    var isLeaseValid: Bool { state.withLock { $0.isLeaseValid } }
    var isStopping: Bool { state.withLock { $0.isStopping } }
    var cursor: JSON? { state.withLock { $0.cursor } }
    func saveCursor(_ cursor: JSON) async throws { state.withLock { $0.cursor = cursor } }
    func progress(_ fraction: Double, _ message: String) { state.withLock { $0.progress.append(fraction) } }
}
