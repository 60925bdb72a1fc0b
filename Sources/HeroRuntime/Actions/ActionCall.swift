// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroSystem
internal import Synchronization

/// One run of one action: what the SDK's `Context` and `Response` stand for, and the executor that keeps the action on
/// the event loop that read its request.
package final class ActionCall: Sendable {
    let processor: ActionProcessor
    package let request: ActionRequest
    package let record: ActionRecord?
    /// The loop on which the call began; `nil` inside commands and in-line calls.
    let loop: (any ActionLoop)?
    private let state: Mutex<State>
    /// Monotonic nanoseconds.
    let began: UInt64

    private struct State {
        var params: JSON.Object
        var response = ResponseState()
        var session: Session?
        var isSkipped = false
        var result: Result?
        var task: Task<Void, Never>?
        var cancelTimeout: (@Sendable () -> Void)?
    }

    package struct Result: Sendable {
        package let status: ActionStatus
        package let error: PresentedError?
        package let durationNanoseconds: UInt64
    }

    init(processor: ActionProcessor, request: ActionRequest, record: ActionRecord?, loop: (any ActionLoop)?) {
        self.processor = processor
        self.request = request
        self.record = record
        self.loop = loop
        began = MonotonicTime.nanoseconds
        state = Mutex(State(params: request.params))
    }

    // MARK: What servers read

    /// How the call ended; `nil` while it runs.
    package var result: Result? { state.withLock { $0.result } }

    /// The response as the action has set it so far.
    package var response: ResponseState { state.withLock { $0.response } }

    /// The response, and how the call ended; `nil` as result while it runs.
    package var outcome: (response: ResponseState, result: Result?) { state.withLock { ($0.response, $0.result) } }

    /// Cancels the action's task, because nobody waits for the answer any more.
    package func cancel() { state.withLock { $0.task }?.cancel() }

    // MARK: What the processor does

    /// Records the end of the call.
    ///
    /// The first to come wins: a time limit may have ended it already.
    ///
    /// - Returns: Whether this was the first.
    func finish(_ status: ActionStatus, _ error: PresentedError?) -> Bool {
        let duration = MonotonicTime.nanoseconds - began
        return state.withLock { state in
            guard state.result == nil else { return false }
            if let error { state.response.add(error) }
            state.result = Result(status: status, error: error, durationNanoseconds: duration)
            state.task = nil
            state.cancelTimeout?()
            state.cancelTimeout = nil
            return true
        }
    }

    /// Keeps what is needed to end a call that did not finish at once.
    func suspend(_ task: Task<Void, Never>, cancelTimeout: (@Sendable () -> Void)?) {
        let isOver = state.withLock { state in
            guard state.result == nil else { return true }
            state.task = task
            state.cancelTimeout = cancelTimeout
            return false
        }
        if isOver { cancelTimeout?() }
    }

    /// Drops parameters that are no input of the action.
    func scrubParams(keeping isAllowed: (String) -> Bool) {
        // Middleware cannot add parameters, so what is allowed is a part of what the request brought.
        let allowed = request.params.keeping(isAllowed)
        state.withLock { $0.params = allowed }
    }

    /// What the action returned; too late when its time limit has ended the call.
    func setOutput(_ output: EncodedOutput) {
        state.withLock { if $0.result == nil { $0.response.setOutput(output) } }
    }

    var isSkipped: Bool { state.withLock { $0.isSkipped } }
}

extension ActionCall: ContextHost {
    package var actionName: String { record?.name ?? request.actionName ?? "" }
    package var actionVersion: String { record?.version ?? "" }
    package var connectionHost: any ConnectionHost { request.connection }
    package var responseHost: any ResponseHost { self }
    package var applicationHost: any ApplicationHost { processor.application }
    package var params: JSON.Object { state.withLock { $0.params } }
    package var messageID: String { request.messageID.text }
    package func skipAction() { state.withLock { $0.isSkipped = true } }

    package var session: Session {
        state.withLock { state in
            if let session = state.session { return session }
            let session = Session()
            state.session = session
            return session
        }
    }
}

extension ActionCall: ResponseHost {
    package var status: Int? {
        get { state.withLock { $0.response.status } }
        set {
            guard newValue.map(ResponseState.statuses.contains) ?? true else {
                processor.application.log.write(
                    level: .warning, message: "an action chose an impossible HTTP status; it is ignored",
                    data: [("action", .string(actionName)), ("status", .integer(newValue ?? 0))])
                return
            }
            state.withLock { $0.response.status = newValue }
        }
    }

    package var data: JSON {
        get { state.withLock { $0.response.data } }
        set { state.withLock { if $0.result == nil { $0.response.data = newValue } } }
    }

    package func addHeader(_ name: String, _ value: String) {
        guard isValidHeader(name, value) else { return }
        state.withLock { $0.response.headers.append((name, value)) }
    }

    package func setHeader(_ name: String, _ value: String) {
        guard isValidHeader(name, value) else { return }
        state.withLock { state in
            state.response.directHeaders.removeAll { $0.name.lowercased() == name.lowercased() }
            state.response.directHeaders.append((name, value))
        }
    }

    package var hasConfiguredHeaders: Bool {
        get { state.withLock { $0.response.hasConfiguredHeaders } }
        set { state.withLock { $0.response.hasConfiguredHeaders = newValue } }
    }

    package func leaveOut(_ cookie: Cookie) {
        processor.application.log.write(
            level: .warning, message: "an action set a cookie that cannot be sent; it is left out",
            data: [("action", .string(actionName)), ("cookie", .string(cookie.name))])
    }

    package func openOutbox() -> MessageOutbox? {
        request.connection.openOutbox(limitBytes: processor.general.maximumOutbox)
    }

    package func send(_ body: ResponseBody) {
        let valid = body.headers.filter { isValidHeader($0.name, $0.value) }
        let body =
            valid.count == body.headers.count
            ? body : ResponseBody(body.content, headers: valid, hasUsualHeaders: body.hasUsualHeaders)
        state.withLock { $0.response.body = body }
    }

    /// A line break in a value would let whoever chose the value write headers of their own, and a second
    /// `Content-Length` responses of their own.
    private func isValidHeader(_ name: String, _ value: String) -> Bool {
        let isValid =
            !name.isEmpty && name.utf8.allSatisfy(HeaderCharacter.isToken)
            && !ResponseState.reservedHeaders.contains(name.lowercased())
            && value.utf8.allSatisfy(HeaderCharacter.isFieldValue)
        if !isValid {
            processor.application.log.write(
                level: .warning, message: "an action set a header that cannot be sent; it is left out",
                data: [("action", .string(actionName)), ("header", .string(name))])
        }
        return isValid
    }
}

extension ActionCall: TaskExecutor {
    /// Swift's runtime hands back the action here each time it goes on after a suspension.
    package func enqueue(_ job: consuming ExecutorJob) {
        // Only calls on a loop are given to tasks as their executor.
        guard let loop else { return globalConcurrentExecutor.enqueue(job) }
        let job = UnownedJob(job)
        loop.execute {
            self.onLoop(loop, from: MonotonicTime.nanoseconds) {
                job.runSynchronously(on: self.asUnownedTaskExecutor())
            }
        }
    }

    /// Runs a piece of the action, telling the watchdog, and says so when the piece took too long.
    ///
    /// - Parameters:
    ///   - loop: The loop that the caller runs on.
    ///   - start: The present time in monotonic nanoseconds.
    ///   - work: The piece.
    func onLoop(_ loop: any ActionLoop, from start: UInt64, _ work: () -> Void) {
        guard let record else {
            work()
            return
        }
        loop.activity.begin(record.watched, at: start)
        work()
        let elapsed = MonotonicTime.nanoseconds - start
        loop.activity.end(after: elapsed)
        if elapsed > processor.blockedAfterNanoseconds {
            processor.application.log.reportBlockedLoop(
                record.watched, level: .warning, nanoseconds: elapsed, isOver: true)
        }
    }
}
