// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the master needs to know about a worker that is ready.
package struct WorkerDescription: Codable, Sendable, Hashable {
    /// Thread of its event loop, which is the one to ask for a backtrace when it hangs.
    package let loopThread: Int32
    /// Names of its actions, in the order of their numbers on the board.
    package let actions: [String]

    /// Names of its tasks, whose numbers follow; workers of older versions say nothing of them.
    package let tasks: [String]?

    package init(loopThread: Int32, actions: [String], tasks: [String]? = nil) {
        self.loopThread = loopThread
        self.actions = actions
        self.tasks = tasks
    }

    /// By their numbers on the board.
    var names: [String] { actions + (tasks ?? []) }
}
