// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Requests that arrive while the process is starting.
extension WebLoopState {
    /// From now on requests wait; questions about health are answered.
    func holdRequests() { held = [:] }

    /// - Returns: Whether the responder may hope for ``RequestResponder/goOn()``.
    func hold(_ responder: RequestResponder) -> Bool {
        guard !isStopping else { return false }
        // Bounded by what clients may have open: connections, and streams of each.
        held?[ObjectIdentifier(responder)] = responder
        return true
    }

    /// Its client is gone.
    func forget(_ responder: RequestResponder) { held?[ObjectIdentifier(responder)] = nil }

    /// The process has started.
    func releaseRequests() {
        let waiting = held ?? [:]
        held = nil
        for responder in waiting.values { responder.goOn() }
    }

    /// The process will not start.
    func refuseHeldRequests() {
        let waiting = held ?? [:]
        held?.removeAll()
        for responder in waiting.values { responder.refuseHeld() }
    }
}
