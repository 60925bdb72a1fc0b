// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// An action as loop, threads, watchdog and board know it: what is blamed for a block or a crash.
final class WatchedAction: Sendable {
    let name: String
    let version: String
    /// The action's number on the board; 0 until it is registered.
    let boardNumber = Atomic<Int>(0)

    init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}
