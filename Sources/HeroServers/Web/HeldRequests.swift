// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Requests that arrive while the process is starting; touched by one loop only.
final class HeldRequests {
    /// `nil` once the process has started.
    private var waiting: [ObjectIdentifier: RequestResponder]?

    /// From now on requests wait; questions about health are answered.
    func begin() { waiting = [:] }

    /// Whether the process is still starting.
    var isHolding: Bool { waiting != nil }

    /// Has the responder wait for ``RequestResponder/goOn()``.
    func hold(_ responder: RequestResponder) {
        // Bounded by what clients may have open: connections, and streams of each.
        waiting?[ObjectIdentifier(responder)] = responder
    }

    /// Drops a request whose client is gone.
    func forget(_ responder: RequestResponder) { waiting?[ObjectIdentifier(responder)] = nil }

    /// The process has started.
    func release() {
        let held = waiting ?? [:]
        waiting = nil
        for responder in held.values { responder.goOn() }
    }

    /// The process will not start.
    func refuse() {
        let held = waiting ?? [:]
        waiting?.removeAll()
        for responder in held.values { responder.refuseHeld() }
    }
}
