// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

package typealias RedisUnanswered = ConnectionMachine<RedisWaiter>.Unanswered

/// The part of the client that a reply on a connection is for.
package enum RedisWaiter: Sendable {
    case slot(RedisSlot)
    /// An acknowledgement of a subscription.
    case callback(@Sendable (Result<RESPValue, RedisError>) -> Void)

    func settle(_ result: Result<RESPValue, RedisError>) {
        switch self {
        case .slot(let slot): slot.settle(result)
        case .callback(let callback): callback(result)
        }
    }
}

/// One connection to one server: TCP, Unix socket, or either with TLS; it does not reconnect.
///
/// Commands of all callers share it, in the order in which they come, without waiting for one another's replies. Those
/// that come within one turn of the event loop leave in one write.
///
/// Unchecked: all that changes is used on its event loop only, except for the inbox, which has a lock.
package final class RedisConnection: @unchecked Sendable {
    package let settings: RedisConnectionSettings
    package let loop: any EventLoop
    let events: RedisConnectionEvents
    private let codec: any RedisCodec
    private var machine: ConnectionMachine<RedisWaiter>
    private var channel: (any Channel)?
    private var output = ByteBuffer()
    private var isFlushPlanned = false
    private var isReading = false
    private var wakeUp: (time: Int, task: Scheduled<Void>)?
    private var reason: RedisError?
    private let closedPromise: EventLoopPromise<Void>
    private let inbox = BatchInbox()

    init(
        _ settings: RedisConnectionSettings, on loop: any EventLoop, codec: (any RedisCodec)? = nil,
        events: RedisConnectionEvents = RedisConnectionEvents()
    ) {
        self.settings = settings
        self.loop = loop
        self.events = events
        self.codec = codec ?? HiredisCodec(limits: settings.replyLimits)
        machine = ConnectionMachine(
            limits: settings.machineLimits(RedisWaiter.self),
            deadline: loop.nanoseconds + settings.connectTimeout * 1_000_000)
        closedPromise = loop.makePromise()
        plan()
    }

    package var endpoint: RedisEndpoint { settings.endpoint }
    /// Completes when the connection is gone.
    package var closed: EventLoopFuture<Void> { closedPromise.futureResult }
    /// On the event loop: whether commands can be sent.
    package var isReady: Bool { machine.phase == .ready }
    package var phase: ConnectionMachine<RedisWaiter>.Phase { machine.phase }
    /// On the event loop: commands that have no reply.
    package var pendingCount: Int { machine.pendingCount }

    private var now: Int { loop.nanoseconds }

    // MARK: Life

    /// The channel can be written to; on the event loop.
    func attach(_ channel: any Channel) {
        guard machine.phase == .connecting else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        for command in machine.connected(RedisHandshake(settings)) { codec.encode(command, into: &output) }
        flush()
    }

    /// Ends a connection that could not be made, or is of no use any more.
    func fail(_ error: RedisError) {
        guard machine.phase != .closed else { return }
        if reason == nil { reason = error.located(at: endpoint) }
        end()
    }

    /// The channel is gone.
    func detach() { fail(RedisError(.connectionLost, "the server closed the connection")) }

    private func end() {
        let error = reason ?? RedisError(.connectionLost, "closed")
        let unanswered = machine.closed()
        wakeUp?.task.cancel()
        wakeUp = nil
        output.clear()
        channel?.close(promise: nil)
        channel = nil
        let rest = events.closed(self, error, unanswered)
        for entry in rest { entry.waiter.settle(.failure(entry.error(error, endpoint))) }
        closedPromise.succeed()
    }

    /// Ends it at once; whoever waits gets an error.
    package func close() {
        onLoop { $0.fail(RedisError(.connectionLost, "the connection was closed by this process")) }
    }

    /// Ends it when all replies have come, or the limit for a command is over.
    package func drain() {
        onLoop { connection in
            connection.machine.drain(deadline: connection.now + connection.settings.commandTimeout * 1_000_000)
            connection.afterReplies()
            connection.plan()
        }
    }

    func onLoop(_ body: @escaping @Sendable (RedisConnection) -> Void) {
        if loop.inEventLoop { return body(self) }
        loop.execute { body(self) }
    }

    // MARK: Commands

    /// Sends commands in one go, from any task.
    package func submit(_ batch: RedisBatch) {
        if loop.inEventLoop { return send(batch) }
        if inbox.put(batch) { loop.execute { self.takeInbox() } }
    }

    private func takeInbox() {
        for batch in inbox.takeAll() { send(batch) }
    }

    /// On the event loop.
    func send(_ batch: RedisBatch) {
        guard !batch.isSettled else { return }
        batch.begin(now: now, timeout: settings.commandTimeout)
        var bytes = 0
        for index in 0..<batch.count { bytes += batch.bytes(index) }
        if let refusal = machine.refusal(commands: batch.commands.count, bytes: bytes) {
            return batch.settleAll(refusal.located(at: endpoint))
        }
        for index in 0..<batch.count { write(RedisSlot(batch, index)) }
        plan()
    }

    /// On the event loop: sends one command, or one transaction.
    ///
    /// - Returns: Why not, when it was not sent.
    func send(_ slot: RedisSlot) -> RedisError? {
        let count = slot.batch.isTransaction ? slot.batch.commands.count : 1
        if let refusal = machine.refusal(commands: count, bytes: slot.bytes) { return refusal.located(at: endpoint) }
        write(slot)
        plan()
        return nil
    }

    private func write(_ slot: RedisSlot) {
        let batch = slot.batch
        if batch.isTransaction {
            codec.encode(Self.multi, into: &output)
            for command in batch.commands { codec.encode(command.arguments, into: &output) }
            codec.encode(Self.exec, into: &output)
            machine.appendTransaction(
                .slot(slot), commands: batch.commands.count, bytes: slot.bytes, deadline: slot.deadline)
        } else {
            codec.encode(batch.commands[slot.index].arguments, into: &output)
            machine.append(.slot(slot), bytes: slot.bytes, deadline: slot.deadline)
        }
        planFlush()
    }

    private static let multi = [Array("MULTI".utf8)]
    private static let exec = [Array("EXEC".utf8)]

    /// On the event loop: `SUBSCRIBE`, `PSUBSCRIBE` and their opposites.
    ///
    /// - Parameters:
    ///   - kind: The command in small letters.
    ///   - names: Channels or patterns, at least one.
    ///   - completion: Called when all are acknowledged, or with an error.
    func subscribe(
        _ kind: String, _ names: [String], completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void
    ) {
        let deadline = now + settings.commandTimeout * 1_000_000
        if let error = machine.subscribe(.callback(completion), kind: kind, names: names.count, deadline: deadline) {
            return completion(.failure(error.located(at: endpoint)))
        }
        codec.encode(([kind.uppercased()] + names).map { Array($0.utf8) }, into: &output)
        planFlush()
        plan()
    }

    // MARK: Writing

    private func planFlush() {
        // Replies are being handled: more commands may follow, and the end of reading flushes.
        guard !isFlushPlanned, !isReading else { return }
        isFlushPlanned = true
        loop.execute { self.flush() }
    }

    private func flush() {
        isFlushPlanned = false
        guard output.readableBytes > 0, let channel else { return }
        let bytes = output
        // The channel keeps the bytes; what is encoded next must not be copied because of that.
        output = channel.allocator.buffer(capacity: min(bytes.readableBytes, 4096))
        machine.flushed()
        channel.writeAndFlush(bytes, promise: nil)
    }

    // MARK: Reading

    /// Bytes of the server; on the event loop.
    func receive(_ bytes: ByteBuffer) {
        isReading = true
        bytes.withUnsafeReadableBytes { all in
            var rest = all
            while !rest.isEmpty, machine.phase != .closed {
                let count = min(rest.count, Self.sliceBytes)
                codec.feed(UnsafeRawBufferPointer(rebasing: rest[..<count]))
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                takeReplies()
            }
        }
    }

    /// The reader moves what it has not read yet each time that it has read a kilobyte.
    private static let sliceBytes = 16_384

    private func takeReplies() {
        do {
            while machine.phase != .closed, let value = try codec.next() { perform(machine.receive(value, now: now)) }
        } catch {
            fail(RedisError(.connectionLost, "what the server sent is no reply of Redis: \(error)"))
        }
    }

    private func perform(_ action: ConnectionMachine<RedisWaiter>.ReplyAction) {
        switch action {
        case .none: break
        case .ready:
            plan()
            events.ready(self)
        case .settle(.slot(let slot), .failure(let error)):
            if !events.intercepts(slot, error) { slot.settle(.failure(error)) }
        case .settle(let waiter, let result): waiter.settle(result)
        case .message(let channel, let pattern, let payload): events.message(channel, pattern, payload)
        case .fail(let error): fail(error)
        }
    }

    /// No more has come for now.
    func receiveComplete() {
        isReading = false
        flush()
        afterReplies()
    }

    private func afterReplies() {
        if machine.isDrained { fail(RedisError(.notSent, "the connection was closed by this process")) }
    }

    // MARK: Time

    /// One task for the earliest time; it stays when nobody waits any more, so that it is rarely made anew.
    private func plan() {
        guard let time = machine.wakeUp else { return }
        if let wakeUp {
            guard time < wakeUp.time else { return }
            wakeUp.task.cancel()
        }
        let task = loop.assumeIsolatedUnsafeUnchecked().scheduleTask(
            deadline: NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))
        ) { [weak self] in
            guard let self else { return }
            wakeUp = nil
            tick()
        }
        wakeUp = (time, task)
    }

    private func tick() {
        let action = machine.tick(now: now)
        for waiter in action.expired { waiter.settle(.failure(waiter.timeout(endpoint))) }
        if action.sendsPing {
            codec.encode([Array("PING".utf8)], into: &output)
            planFlush()
        }
        if let failure = action.failure { return fail(failure) }
        plan()
    }
}

extension EventLoop {
    /// The loop's time; it does not go backwards.
    var nanoseconds: Int { Int(truncatingIfNeeded: now.uptimeNanoseconds) }
}
