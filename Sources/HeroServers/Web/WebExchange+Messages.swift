// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Synchronization

// A request as a connection that can be found and written to.
extension WebExchange {
    func send(_ message: JSON) async throws {
        let (outbox, isOver) = state.withLock { ($0.outbox, $0.isOver) }
        if let outbox { return try outbox.put(ServerSentEvent(json: message).bytes) }
        if isOver { throw ConnectionError.closed }
        throw ActionError(
            "an HTTP request cannot be sent messages; return the answer, or let the action answer with sendEvents")
    }

    func openOutbox(limitBytes: Int) -> MessageOutbox? {
        state.withLock { state in
            if let outbox = state.outbox { return outbox }
            let outbox = MessageOutbox(limitBytes: limitBytes)
            if state.isOver || mustClose { outbox.close() }
            state.outbox = outbox
            return outbox
        }
    }

    /// A stream of events ends; any other response is written first.
    func destroy() async {
        closing.store(true, ordering: .releasing)
        state.withLock { $0.outbox }?.close()
    }

    /// The response has been written, or nobody waits for it any more.
    func ended() {
        let outbox = state.withLock { state in
            state.isOver = true
            return state.outbox
        }
        outbox?.close()
    }

    var mustClose: Bool { closing.load(ordering: .acquiring) }
    var isDestroyed: Bool { mustClose || state.withLock { $0.isOver } }
    var values: JSON.Object { state.withLock { $0.values?.all ?? [:] } }

    func set(_ name: String, _ value: JSON) throws {
        try state.withLock { state in
            var values = state.values ?? ConnectionValues()
            try values.set(name, value)
            state.values = values
        }
    }
}
