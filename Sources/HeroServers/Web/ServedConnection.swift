// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// A client's connection as the loop's ``WebLoop`` knows it, whichever version of HTTP it speaks.
protocol ServedConnection: AnyObject {
    var deadline: ConnectionDeadline? { get }
    /// Called by the sweep.
    func deadlinePassed()
    /// The server is stopping: a connection between requests has nothing to wait for.
    func stopIfIdle()
    func closeNow()
    /// The server begins to stop: streams that have no end of their own end now, the rest may go on for a while.
    func stopBegan()
    /// Called once a second.
    func sweep(_ now: NIODeadline)
}

extension ServedConnection {
    func sweep(_ now: NIODeadline) {
        if let deadline, deadline.time <= now { deadlinePassed() }
    }
}
