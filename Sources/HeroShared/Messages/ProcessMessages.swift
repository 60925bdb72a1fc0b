// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroRedis
internal import Synchronization

/// Messages that processes publish to one another on `general.channel` of the Redis that they share, be they workers of one
/// master or not; each is a JSON object with a `messageType` and the `serverToken`.
///
/// Subsystems register for the types that they understand.
package final class ProcessMessages: Sendable {
    /// Called with one message after the other, in their order, so it must not wait: it starts a task or fills a queue.
    package typealias Handler = @Sendable (JSON.Object) -> Void

    private struct State {
        var handlers: [String: Handler] = [:]
        var gapHandlers: [@Sendable () -> Void] = []
        var reader: Task<Void, Never>?
        var hasStopped = false
        var dropped = RareWarning()
    }

    private let settings: SharedSettings
    private let clients: RedisClients?
    private let log: any LogHost
    private let time: Timekeeper
    private let state = Mutex(State())

    init(_ settings: SharedSettings, _ clients: RedisClients?, log: any LogHost, time: Timekeeper) {
        self.settings = settings
        self.clients = clients
        self.log = log
        self.time = time
    }

    /// What every message has to carry; put it into the payload where the reference has it.
    package var serverToken: String { settings.serverToken }
    package var serverID: String { settings.id }
    /// Whether there can be others.
    var isShared: Bool { clients != nil }

    /// Takes messages of a type; an earlier handler of that type is replaced.
    ///
    /// - Parameters:
    ///   - type: `messageType`.
    ///   - handler: Called with messages whose token is right.
    package func register(_ type: String, _ handler: @escaping Handler) {
        state.withLock { $0.handlers[type] = handler }
    }

    /// Hears of messages that may have been lost.
    ///
    /// - Parameter handler: Called when the subscription has been away; it must not wait.
    package func onGap(_ handler: @escaping @Sendable () -> Void) { state.withLock { $0.gapHandlers.append(handler) } }

    /// Publishes a message, to this process too.
    ///
    /// - Parameters:
    ///   - payload: With type and token.
    ///   - timeout: Milliseconds; `nil` for the limit of all commands.
    /// - Returns: How many subscribers Redis has passed it on to.
    /// - Throws: `RPCError` when it is too large, `RedisFailure`.
    package func publish(_ payload: JSON.Object, timeout: Int? = nil) async throws -> Int {
        let bytes = Array(JSON.object(payload).description.utf8)
        guard bytes.count <= settings.rpcMaximumMessage else {
            throw RPCError(
                .tooLarge,
                "the message has \(bytes.count) bytes and general.rpcMaximumMessage is \(settings.rpcMaximumMessage)")
        }
        guard let clients else {
            receive(bytes)
            return 1
        }
        do throws(RedisError) {
            let command = RedisCommand(
                "PUBLISH", RedisArgument(settings.channel), RedisArgument(bytes), timeout: timeout)
            return try await clients.client.send(command).integer ?? 0
        } catch {
            throw error.thrown(for: "messages between processes")
        }
    }

    /// Subscribes, unless that has been done.
    ///
    /// - Throws: `RedisFailure` when that is not possible in time.
    func start() async throws {
        guard let clients, state.withLock({ $0.reader == nil && !$0.hasStopped }) else { return }
        let subscription: RedisSubscription
        do throws(RedisError) {
            subscription = try await clients.subscriber.subscribe(channels: [settings.channel], patterns: [])
        } catch {
            throw error.thrown(for: "messages between processes")
        }
        state.withLock { state in
            guard state.reader == nil, !state.hasStopped else { return }
            // Ended and awaited by `stop()`.
            state.reader = Task { for await event in subscription { self.take(event) } }
        }
    }

    /// Takes no more messages.
    func stop() async {
        let reader = state.withLock { state in
            state.hasStopped = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.cancel()
        await reader?.value
    }

    private func take(_ event: RedisEvent) {
        switch event {
        case .message(let channel, _, let payload): if channel == settings.channel { receive(payload) }
        case .gap:
            log.write(
                level: .warning,
                message:
                    "the subscription was away, or messages came faster than they are taken: messages may have been lost",
                data: [("channel", .string(settings.channel))])
            for handler in state.withLock({ $0.gapHandlers }) { handler() }
        }
    }

    /// Hands a message to whoever takes its type; anything else is dropped, whatever it is.
    func receive(_ bytes: [UInt8]) {
        guard bytes.count <= settings.rpcMaximumMessage else {
            return drop("it has \(bytes.count) bytes and general.rpcMaximumMessage is \(settings.rpcMaximumMessage)")
        }
        guard let payload = try? JSON(parsing: bytes).objectValue else { return drop("it is no JSON object") }
        guard payload["serverToken"]?.stringValue == settings.serverToken else {
            return drop("its serverToken is not ours; general.serverToken has to be the same everywhere")
        }
        guard let type = payload["messageType"]?.stringValue else { return drop("it has no messageType") }
        guard let handler = state.withLock({ $0.handlers[type] }) else {
            // Of a newer process, or for a subsystem that this one has not.
            return log.write(level: .debug, message: "nobody takes messages of the type \(type)", data: [])
        }
        handler(payload)
    }

    /// Says that a message cannot be understood, but not for each of many.
    ///
    /// - Parameter reason: What is wrong with it.
    package func drop(_ reason: String) {
        let now = time.monotonic()
        guard let count = state.withLock({ $0.dropped.note(now) }) else { return }
        var data: [(name: String, value: JSON)] = [("channel", .string(settings.channel))]
        if count > 1 { data.append(("count", .integer(count))) }
        log.write(level: .warning, message: "a message from Redis was dropped: \(reason)", data: data)
    }
}
