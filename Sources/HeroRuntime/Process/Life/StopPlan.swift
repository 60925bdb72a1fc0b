// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How a process ends.
package struct StopPlan: Sendable {
    /// Whether connections go on waiting for whoever accepts next.
    package var keepsSockets = false
    /// Whether the process goes on under another program, which takes over what outlives this one.
    package var becomesAnotherProgram = false
    /// How long to wait for connections.
    package var limits = DrainLimits()

    package init(keepsSockets: Bool = false, becomesAnotherProgram: Bool = false, limits: DrainLimits = DrainLimits()) {
        self.keepsSockets = keepsSockets
        self.becomesAnotherProgram = becomesAnotherProgram
        self.limits = limits
    }
}
