// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("messages that wait for a client", .timeLimit(.minutes(10)))
struct MessageOutboxTests {
    @Test("are taken out together and in their order")
    func order() async throws {
        let outbox = MessageOutbox(limitBytes: 100)
        for number in UInt8(1)...3 { try outbox.put([number]) }
        #expect(await outbox.next() == [[1], [2], [3]])
        try outbox.put([4])
        #expect(outbox.rest() == [[4]])
        #expect(outbox.rest() == [])
    }

    @Test("are waited for")
    func waiting() async throws {
        let outbox = MessageOutbox(limitBytes: 100)
        async let messages = outbox.next()
        try outbox.put([1])
        #expect(await messages == [[1]])
    }

    @Test("are no more than the limit; a client that takes them makes room")
    func bound() async throws {
        let outbox = MessageOutbox(limitBytes: 5)
        try outbox.put([1, 2, 3])
        let full = #expect(throws: ConnectionError.self) { try outbox.put([4, 5, 6]) }
        #expect(full?.code == .outboxFull)
        #expect(
            full?.message.hasPrefix("3 bytes wait for the client, another 3 exceed general.maximumOutbox (5)") == true)
        try outbox.put([4, 5])
        #expect(await outbox.next()?.count == 2)
        try outbox.put([1, 2, 3, 4, 5])
    }

    @Test("can still be taken out when no more are taken in")
    func closing() async throws {
        let outbox = MessageOutbox(limitBytes: 5)
        try outbox.put([1])
        outbox.close()
        #expect(throws: ConnectionError.closed) { try outbox.put([2]) }
        #expect(await outbox.next() == [[1]])
        #expect(await outbox.next() == nil)
        let other = MessageOutbox(limitBytes: 5)
        async let messages = other.next()
        other.close()
        #expect(await messages == nil)
    }

    @Test("are no longer waited for by a task that is cancelled")
    func cancellation() async throws {
        let outbox = MessageOutbox(limitBytes: 5)
        let waiting = Task { await outbox.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        try outbox.put([1])
        #expect(await outbox.next() == [[1]])
    }
}
