// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What one connection does, without I/O and clock: events in, actions out.
///
/// Replies have no numbers, so all depends on order: whatever is written has a place in a queue that only its reply (or
/// the end of the connection) takes it out of, even when nobody waits for it any more. Whatever a peer sends, in any
/// order, ends in an action.
///
/// Times are nanoseconds of any clock that does not go backwards.
package struct ConnectionMachine<Ticket> {
    /// Names the state to people and tests.
    package enum Phase: Sendable, Hashable {
        case connecting, handshake, ready, subscribed, draining, closed
    }

    private enum State {
        case connecting
        case handshake(RedisHandshake)
        case ready
        case subscribed
        case draining
        case closed
    }

    /// Something that was written and is owed one reply or several.
    struct Pending {
        enum Shape {
            case command
            case transaction(TransactionReplies)
            /// Acknowledgements that are still to come, one for each channel or pattern.
            case subscription(kind: String, left: Int)
            case ping
        }

        /// `nil` when nobody waits (any more).
        var ticket: Ticket?
        var shape: Shape
        var deadline: Int
        let bytes: Int
    }

    package struct Limits: Sendable {
        /// Commands that have no reply yet.
        package var commands = 65_536
        /// Bytes of commands that have no reply yet.
        package var bytes = 64 << 20
        /// Nanoseconds without a word from the peer until it is asked for one, and then until it counts as gone; 0 for
        /// never.
        package var pingInterval = 15_000_000_000
        package init() {}
    }

    package enum ReplyAction {
        case none
        case ready
        case settle(Ticket, Result<RESPValue, RedisError>)
        case message(channel: String, pattern: String?, payload: [UInt8])
        /// The connection is of no use any more.
        case fail(RedisError)
    }

    package struct TickAction {
        /// Commands whose time is over.
        package var expired: [Ticket] = []
        package var sendsPing = false
        package var failure: RedisError?
    }

    /// A command that has no reply at the end of the connection.
    package struct Unanswered {
        package let ticket: Ticket
        /// `false` when it cannot have reached the server.
        package let wasSent: Bool
    }

    private var state = State.connecting
    var pending = CircularBuffer<Pending>(initialCapacity: 16)
    private var pendingBytes = 0
    /// How many at the end of the queue are still in this process.
    private var unflushed = 0
    private let limits: Limits
    /// The earliest time that somebody waits for; may be too early, never too late.
    private var earliest = Int.max
    /// When connecting, the handshake or draining must be over.
    private var phaseEnd: Int
    private var nextPing = Int.max
    private var hasHeard = false
    private var pingsWaiting = 0

    /// - Parameters:
    ///   - limits: What may wait.
    ///   - deadline: When connection and handshake must be done.
    package init(limits: Limits = Limits(), deadline: Int) {
        self.limits = limits
        phaseEnd = deadline
    }

    package var phase: Phase {
        switch state {
        case .connecting: .connecting
        case .handshake: .handshake
        case .ready: .ready
        case .subscribed: .subscribed
        case .draining: .draining
        case .closed: .closed
        }
    }

    package var pendingCount: Int { pending.count }
    /// Whether the last reply that was waited for has come.
    package var isDrained: Bool { phase == .draining && pending.isEmpty }
    /// When ``tick(now:)`` has something to do; `nil` for never.
    package var wakeUp: Int? {
        let time = min(earliest, phaseEnd, nextPing)
        return time == .max || phase == .closed ? nil : time
    }

    // MARK: Beginning

    /// The peer can be written to.
    ///
    /// - Returns: Commands to be written now.
    package mutating func connected(_ handshake: RedisHandshake) -> [[[UInt8]]] {
        guard case .connecting = state else { return [] }
        state = .handshake(handshake)
        return handshake.commands
    }

    private mutating func advance(_ handshake: RedisHandshake, _ value: RESPValue, now: Int) -> ReplyAction {
        var handshake = handshake
        switch handshake.receive(value) {
        case .more:
            state = .handshake(handshake)
            return .none
        case .done:
            state = .ready
            phaseEnd = .max
            if limits.pingInterval > 0 { nextPing = now + limits.pingInterval }
            return .ready
        case .failed(let error): return .fail(error)
        }
    }

    // MARK: Commands

    /// Whether so much more may be sent.
    ///
    /// - Returns: Why not; `nil` when it may.
    package func refusal(commands: Int, bytes: Int) -> RedisError? {
        switch state {
        case .ready: break
        case .subscribed: return RedisError(.invalid, "this connection to Redis is for subscriptions")
        case .connecting, .handshake: return RedisError(.notSent, "the connection to Redis is not ready yet")
        case .draining, .closed: return RedisError(.notSent, "the connection to Redis is being closed")
        }
        return Self.refusal(commands, bytes, waiting: pending.count, waitingBytes: pendingBytes, limits)
    }

    /// A single one that is too large for the queue goes through when nothing else waits.
    static func refusal(
        _ commands: Int, _ bytes: Int, waiting: Int, waitingBytes: Int, _ limits: Limits
    ) -> RedisError? {
        let hasRoom = waiting + commands <= limits.commands && waitingBytes + bytes <= limits.bytes
        guard !hasRoom, waiting > 0 || commands > limits.commands else { return nil }
        return RedisError(
            .notSent,
            "too much waits for Redis: \(waiting) commands with \(waitingBytes) bytes, and \(commands) more with \(bytes) "
                + "bytes; the limits are \(limits.commands) commands and \(limits.bytes) bytes")
    }

    /// A command is being written.
    package mutating func append(_ ticket: Ticket, bytes: Int, deadline: Int) {
        append(Pending(ticket: ticket, shape: .command, deadline: deadline, bytes: bytes))
    }

    /// `MULTI`, so many commands and `EXEC` are being written.
    package mutating func appendTransaction(_ ticket: Ticket, commands: Int, bytes: Int, deadline: Int) {
        let replies = TransactionReplies(commands: commands)
        append(Pending(ticket: ticket, shape: .transaction(replies), deadline: deadline, bytes: bytes))
    }

    private mutating func append(_ entry: Pending) {
        pending.append(entry)
        pendingBytes += entry.bytes
        unflushed += 1
        earliest = min(earliest, entry.deadline)
    }

    /// All that was appended has been handed to the system.
    package mutating func flushed() { unflushed = 0 }

    // MARK: Subscriptions

    /// `SUBSCRIBE` or one of its relatives is being written.
    ///
    /// - Parameters:
    ///   - ticket: Settled with `OK` when all channels are acknowledged.
    ///   - kind: The command in small letters.
    ///   - names: How many channels or patterns it names, at least one.
    ///   - deadline: When it has taken too long.
    /// - Returns: Why it must not be written; `nil` when it may.
    package mutating func subscribe(_ ticket: Ticket?, kind: String, names: Int, deadline: Int) -> RedisError? {
        switch state {
        case .ready, .subscribed: state = .subscribed
        case .connecting, .handshake, .draining, .closed: return refusal(commands: 1, bytes: 0)
        }
        append(
            Pending(ticket: ticket, shape: .subscription(kind: kind, left: names), deadline: deadline, bytes: 0))
        return nil
    }

    // MARK: Replies

    /// - Returns: What one reply leads to.
    package mutating func receive(_ value: RESPValue, now: @autoclosure () -> Int) -> ReplyAction {
        hasHeard = true
        switch state {
        case .connecting: return .fail(RedisError(.connectionLost, "the server spoke before it was spoken to"))
        case .handshake(let handshake): return advance(handshake, value, now: now())
        case .ready, .draining: return answer(value)
        case .subscribed:
            if case .command? = pending.first?.shape { return answer(value) }
            if case .transaction? = pending.first?.shape { return answer(value) }
            return receivePush(value)
        case .closed: return .none
        }
    }

    private mutating func answer(_ value: RESPValue) -> ReplyAction {
        guard let first = pending.first else { return .fail(Self.unexpected(value)) }
        switch first.shape {
        case .command:
            return settleFirst(Self.result(value))
        case .transaction(var replies):
            guard let result = replies.receive(value) else {
                pending[pending.startIndex].shape = .transaction(replies)
                return .none
            }
            return settleFirst(result)
        case .ping:
            // An error is an answer too.
            pingsWaiting -= 1
            return settleFirst(.success(value))
        case .subscription: return .fail(Self.unexpected(value))
        }
    }

    private static func result(_ value: RESPValue) -> Result<RESPValue, RedisError> {
        if case .error(let message) = value { .failure(RedisError(.refused, message)) } else { .success(value) }
    }

    mutating func settleFirst(_ result: Result<RESPValue, RedisError>) -> ReplyAction {
        guard let first = pending.popFirst() else { return .none }
        pendingBytes -= first.bytes
        unflushed = min(unflushed, pending.count)
        guard let ticket = first.ticket else { return .none }
        return .settle(ticket, result)
    }

    mutating func pongReceived() -> ReplyAction {
        pingsWaiting -= 1
        return settleFirst(.success(.status("PONG")))
    }

    static func unexpected(_ value: RESPValue) -> RedisError {
        let text =
            switch value {
            case .error(let message): ": \(message)"
            case .status(let text): ": \(text.prefix(100))"
            case .null, .integer, .bytes, .array: ""
            }
        return RedisError(.connectionLost, "the server sent a reply that belongs to no command\(text)")
    }

    // MARK: Time

    /// Moves the clock on.
    package mutating func tick(now: Int) -> TickAction {
        var action = TickAction()
        guard phase != .closed else { return action }
        if now >= phaseEnd {
            action.failure = RedisError(.connectionLost, Self.overdue(phase))
            return action
        }
        if now >= earliest { action.expired = expire(now) }
        if now >= nextPing { checkPeer(now, &action) }
        return action
    }

    private static func overdue(_ phase: Phase) -> String {
        switch phase {
        case .connecting: "the connection could not be made in time"
        case .handshake: "the server did not answer the handshake in time"
        case .ready, .subscribed, .draining, .closed: "the last replies did not come in time"
        }
    }

    private mutating func expire(_ now: Int) -> [Ticket] {
        var expired: [Ticket] = []
        earliest = .max
        for index in pending.indices {
            guard let ticket = pending[index].ticket else { continue }
            if pending[index].deadline <= now {
                expired.append(ticket)
                pending[index].ticket = nil
            } else {
                earliest = min(earliest, pending[index].deadline)
            }
        }
        return expired
    }

    /// Asks for a word when none has come for a while, also behind commands that wait: a peer that hangs must be noticed.
    private mutating func checkPeer(_ now: Int, _ action: inout TickAction) {
        nextPing = now + limits.pingInterval
        defer { hasHeard = false }
        switch state {
        case .ready, .subscribed: break
        case .connecting, .handshake, .draining, .closed: return
        }
        guard !hasHeard else { return }
        guard pingsWaiting == 0 else {
            let seconds = limits.pingInterval / 1_000_000_000
            action.failure = RedisError(.connectionLost, "the server has not answered a PING for \(seconds) s")
            return
        }
        pingsWaiting += 1
        append(Pending(ticket: nil, shape: .ping, deadline: .max, bytes: 0))
        action.sendsPing = true
    }

    // MARK: Ending

    /// Lets what was sent be answered, and takes nothing more.
    ///
    /// - Parameter deadline: When the connection is closed in any case.
    package mutating func drain(deadline: Int) {
        switch state {
        case .ready:
            state = .draining
            phaseEnd = deadline
        case .connecting, .handshake, .subscribed:
            state = .draining
            // Nothing that somebody waits for comes on these.
            phaseEnd = Int.min
        case .draining, .closed: break
        }
    }

    /// The connection is gone.
    ///
    /// - Returns: Those that have no reply, in the order in which they were sent.
    package mutating func closed() -> [Unanswered] {
        state = .closed
        let sent = pending.count - unflushed
        var unanswered: [Unanswered] = []
        for (position, entry) in pending.enumerated() {
            guard let ticket = entry.ticket else { continue }
            unanswered.append(Unanswered(ticket: ticket, wasSent: position < sent))
        }
        pending.removeAll()
        (pendingBytes, unflushed, earliest, phaseEnd, nextPing) = (0, 0, .max, .max, .max)
        return unanswered
    }
}
