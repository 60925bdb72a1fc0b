// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Keeps what it is told, and lets a test wait for it.
final class NoteBox<Note: Sendable>: Sendable {
    private struct State {
        var notes: [Note] = []
        var waiting: (isMeant: @Sendable (Note) -> Bool, continuation: CheckedContinuation<Note, Never>)?
    }

    private let state = Mutex(State())

    var all: [Note] { state.withLock { $0.notes } }

    func take(_ note: Note) {
        let continuation = state.withLock { state -> CheckedContinuation<Note, Never>? in
            state.notes.append(note)
            guard let waiting = state.waiting, waiting.isMeant(note) else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        continuation?.resume(returning: note)
    }

    /// One waiter at a time.
    ///
    /// - Returns: The first note that is meant, whether it came before or not.
    @discardableResult
    func first(where isMeant: @escaping @Sendable (Note) -> Bool) async -> Note {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state -> Note? in
                if let note = state.notes.first(where: isMeant) { return note }
                state.waiting = (isMeant, continuation)
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }
}
