// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem
internal import Synchronization

/// Calls between processes, as the reference makes and answers them.
package final class RPCService: RPCHost {
    /// Says whether this process holds a connection: once, soon, and in the order of the questions.
    package typealias FindConnection = @Sendable (_ id: String, _ answer: @escaping @Sendable (Bool) -> Void) -> Void
    package typealias Method = @Sendable (RPCCall) async throws -> JSON?

    private struct State {
        var methods: [ByteKey: Method] = [:]
        var calls = WaitingCalls()
        /// Ends calls that have waited long enough; there while there are calls.
        var warden: Task<Void, Never>?
        var running = 0
        /// Whether answers come no more.
        var hasStopped = false
        var findConnection: FindConnection = { _, answer in answer(false) }
    }

    private let settings: SharedSettings
    private let messages: ProcessMessages
    private let log: any LogHost
    private let time: Timekeeper
    private let state = Mutex(State())

    init(_ settings: SharedSettings, _ messages: ProcessMessages, log: any LogHost, time: Timekeeper) {
        self.settings = settings
        self.messages = messages
        self.log = log
        self.time = time
        messages.register("do") { [weak self] in self?.take($0) }
        messages.register("doResponse") { [weak self] in self?.takeAnswer($0) }
        register("log") { [log] call in
            let message = call.arguments.first.map { $0.stringValue ?? $0.description } ?? ""
            let level = call.arguments.count > 1 ? call.arguments[1].stringValue.flatMap { LogLevel(name: $0) } : nil
            let data = call.arguments.count > 2 ? call.arguments[2].objectValue ?? [:] : [:]
            log.write(level: level ?? .info, message: message, data: data.map { ($0.name, $0.value) })
            return nil
        }
    }

    /// Who knows which connections this process holds.
    ///
    /// - Parameter find: Called with the id of a connection; it must not wait.
    package func setConnections(_ find: @escaping FindConnection) { state.withLock { $0.findConnection = find } }

    package func register(_ name: String, _ method: @escaping Method) {
        state.withLock { $0.methods[ByteKey(Self.bare(name))] = method }
    }

    private static func bare(_ name: String) -> String { name.hasPrefix("api.") ? String(name.dropFirst(4)) : name }

    // MARK: Calling

    package func send(_ name: String, _ arguments: [JSON], _ connectionID: String?) async throws -> Int {
        try await send(name, arguments, connectionID, timeout: nil)
    }

    private func send(
        _ name: String, _ arguments: [JSON], _ connectionID: String?, timeout: Int?
    ) async throws -> Int {
        let payload = payload(name, arguments, connectionID, id: UUID4.random().text)
        return try await messages.publish(payload, timeout: timeout)
    }

    private func payload(_ name: String, _ arguments: [JSON], _ connectionID: String?, id: String) -> JSON.Object {
        var payload: JSON.Object = [
            "messageType": "do", "serverId": .string(settings.id), "serverToken": .string(settings.serverToken),
            "messageId": .string(id), "method": .string("api." + Self.bare(name)),
        ]
        if let connectionID { payload["connectionId"] = .string(connectionID) }
        payload["args"] = .array(arguments)
        return payload
    }

    package func call(
        _ name: String, _ arguments: [JSON], _ connectionID: String?, timeout: Int?
    ) async throws -> JSON? {
        let id = UUID4.random().text
        let end = time.monotonic() + max(0, timeout ?? settings.rpcTimeout)
        try admit(id, until: end)
        defer { state.withLock { $0.calls.remove(id) } }
        // Beside the wait, whose time holds for this too; expected already: the answer may be faster than Redis' reply.
        async let _ = publish(payload(name, arguments, connectionID, id: id), id)
        return try await answer(id)
    }

    private func publish(_ payload: JSON.Object, _ id: String) async {
        do {
            // A command has no other reason to listen.
            try await messages.start()
            _ = try await messages.publish(payload)
        } catch {
            settle(id, .failure(error))
        }
    }

    private func admit(_ id: String, until end: Int) throws {
        guard !state.withLock({ $0.hasStopped }) else { throw Self.stopped }
        let (isAdmitted, earlier) = state.withLock { state -> (Bool, Task<Void, Never>?) in
            guard state.calls.count < settings.rpcMaximumCalls else { return (false, nil) }
            let isNext = state.calls.add(id, until: end)
            guard isNext || state.warden == nil else { return (true, nil) }
            let earlier = state.warden
            state.warden = watch()
            return (true, earlier)
        }
        earlier?.cancel()
        guard isAdmitted else {
            throw RPCError(
                .tooManyCalls, "\(settings.rpcMaximumCalls) calls wait for answers (general.rpcMaximumCalls)")
        }
    }

    /// One timer for all calls: most are answered long before their time is over.
    private func watch() -> Task<Void, Never> {
        // Nobody awaits it: it ends when no call waits, or another one takes its place.
        Task { [weak self, time] in
            while let pause = self?.endOverdueCalls() {
                do { try await time.sleep(pause) } catch { return }
            }
        }
    }

    /// - Returns: Milliseconds until the next call has waited long enough; `nil` when there is none.
    private func endOverdueCalls() -> Int? {
        let now = time.monotonic()
        let (overdue, pause) = state.withLock { state -> ([WaitingCalls.Waiter], Int?) in
            guard !Task.isCancelled else { return ([], nil) }
            let overdue = state.calls.endOverdue(now, Self.timedOut)
            if state.calls.next == nil { state.warden = nil }
            return (overdue, state.calls.next.map { max(Self.shortestPause, $0 - now) })
        }
        for waiter in overdue { waiter.resume(throwing: Self.timedOut) }
        return pause
    }

    /// Milliseconds: with thousands of calls that nobody answers, each look is at all of them.
    private static let shortestPause = 10
    private static let timedOut = RPCError(.timedOut, "RPC Timeout")

    private func answer(_ id: String) async throws -> JSON? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<JSON?, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    return state.calls.wait(id, continuation)
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            settle(id, .failure(CancellationError()))
        }
    }

    private func settle(_ id: String, _ result: Result<JSON?, any Error>) {
        state.withLock { $0.calls.settle(id, result) }?.resume(with: result)
    }

    /// Answers come no more: calls that wait for one fail, and so do those that are made from now on.
    func failCalls() {
        let ids = state.withLock { state in
            state.hasStopped = true
            return state.calls.ids
        }
        for id in ids { settle(id, .failure(Self.stopped)) }
    }

    private static let stopped = RPCError(.timedOut, "RPC Timeout: this process stops, and takes no answers any more")

    /// Number of calls whose caller has not been given an answer, and of others' calls that run.
    var load: (expected: Int, running: Int) { state.withLock { ($0.calls.count, $0.running) } }

    /// Tells all members something for their logs.
    ///
    /// - Parameters:
    ///   - text: What to tell them.
    ///   - timeout: Milliseconds to wait for a connection and for Redis; `nil` for the limit of all commands.
    func announce(_ text: String, timeout: Int? = nil) async {
        // Without others there is nobody to tell.
        guard messages.isShared else { return }
        do {
            _ = try await send("log", [.string(text)], nil, timeout: timeout)
        } catch {
            log.write(level: .error, message: "the other members could not be told: \(text): \(error)", data: [])
        }
    }

    // MARK: Being called

    private func takeAnswer(_ payload: JSON.Object) {
        guard let id = payload["messageId"]?.stringValue else { return messages.drop("an answer has no messageId") }
        if let failure = payload["error"] { return settle(id, .failure(AnsweredFailure(failure).error)) }
        settle(id, .success(payload["response"]))
    }

    private func take(_ payload: JSON.Object) {
        guard let method = payload["method"]?.stringValue, method.hasPrefix("api.") else {
            return messages.drop("a call has no method below api.")
        }
        switch payload["connectionId"]?.stringValue {
        case nil, RPC.Target.memberPrefix + settings.id: run(method, payload, connectionID: nil)
        case let id? where id.hasPrefix(RPC.Target.memberPrefix): break
        case let id?:
            state.withLock { $0.findConnection }(id) { [weak self] isHere in
                if isHere { self?.run(method, payload, connectionID: id) }
            }
        }
    }

    private func run(_ method: String, _ payload: JSON.Object, connectionID: String?) {
        let name = Self.bare(method)
        guard let body = state.withLock({ $0.methods[ByteKey(name)] }) else {
            return log.write(level: .crit, message: "RPC method `\(name)` not found", data: [])
        }
        let call = RPCCall(
            method: name, arguments: Self.arguments(payload["args"]),
            caller: payload["serverId"]?.stringValue ?? "", connectionID: connectionID)
        run(call, body, messageID: payload["messageId"])
    }

    private static func arguments(_ json: JSON?) -> [JSON] {
        switch json {
        case nil, .null: []
        case .array(let arguments): arguments
        case let single?: [single]
        }
    }

    private func run(_ call: RPCCall, _ body: @escaping Method, messageID: JSON?) {
        let isAdmitted = state.withLock { state in
            guard state.running < settings.rpcMaximumCalls else { return false }
            state.running += 1
            return true
        }
        guard isAdmitted else {
            return messages.drop("\(settings.rpcMaximumCalls) calls run already (general.rpcMaximumCalls)")
        }
        // Nobody awaits it: a call that takes long must not hold up the messages behind it. Counted, so bounded.
        Task {
            defer { self.state.withLock { $0.running -= 1 } }
            await self.answer(call, messageID, body)
        }
    }

    private func answer(_ call: RPCCall, _ messageID: JSON?, _ body: Method) async {
        var answer: JSON.Object = [
            "messageType": "doResponse", "serverId": .string(settings.id),
            "serverToken": .string(settings.serverToken), "messageId": messageID ?? .null,
        ]
        do {
            answer["response"] = try await body(call)
            _ = try await messages.publish(answer)
        } catch {
            let answered = error as? AnsweredFailure
            log.write(
                level: .error, message: "RPC method `\(call.method)` failed: \(answered?.error ?? error)",
                data: [("caller", .string(call.caller))])
            answer["response"] = nil
            guard let failure = answered ?? Self.tooLarge(error) else { return }
            answer["error"] = failure.json
            // Where Redis is away, the caller's time ends.
            _ = try? await messages.publish(answer)
        }
    }

    /// The method has done its work: whoever waits must not believe otherwise until its time is over.
    private static func tooLarge(_ error: any Error) -> AnsweredFailure? {
        guard let error = error as? RPCError, error.code == .tooLarge else { return nil }
        return AnsweredFailure(RPCError(.tooLarge, "the answer is too large: \(error.message)"))
    }
}
