// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroSystem
internal import Synchronization

/// Runs actions: the one path that every transport, the command line and jobs go through.
package final class ActionProcessor: Sendable {
    package let application: HeroApplication
    package let actions: ActionRegistry
    let errors: ErrorsConfiguration
    let general: GeneralConfiguration
    let threadPool: ThreadPool
    private let actionLog: ActionLog
    private let buildHint: BuildHint?
    let connectionMiddleware: [any ConnectionMiddleware]
    let blockedAfterNanoseconds: UInt64
    private let inFlight = InFlightCounter()
    private let isAccepting = Atomic<Bool>(true)

    init(
        application: HeroApplication, actions: ActionRegistry, connectionMiddleware: [any ConnectionMiddleware],
        buildHint: BuildHint? = nil
    ) {
        let configuration = application.core
        self.application = application
        self.actions = actions
        self.connectionMiddleware = connectionMiddleware
        self.buildHint = buildHint
        for (number, record) in actions.all.enumerated() {
            record.watched.boardNumber.store(number, ordering: .relaxed)
        }
        errors = configuration.errors
        general = configuration.general
        threadPool = ThreadPool(
            size: configuration.general.threadPoolSize, queueLimit: configuration.general.threadPoolQueueLimit,
            slot: application.boardSlot)
        actionLog = ActionLog(configuration, application.log)
        blockedAfterNanoseconds = UInt64(configuration.general.eventLoopBlockedAfter) * 1_000_000
    }

    /// Runs an action from an event loop.
    ///
    /// Must be called on the loop. The action starts at once, on the caller's stack, and unless it really suspends the
    /// completion has been called when this returns.
    ///
    /// - Parameters:
    ///   - request: What is wanted.
    ///   - loop: The loop that the caller runs on.
    ///   - completion: Called once, on the loop, when the response can be written.
    /// - Returns: The call, for cancelling it.
    @discardableResult
    package func start(
        _ request: ActionRequest, on loop: any ActionLoop, completion: @escaping @Sendable (ActionCall) -> Void
    ) -> ActionCall {
        let (call, refusal) = admit(request, loop: loop)
        begin(call)
        if let (status, error) = refusal {
            complete(call, status, error, completion)
            return call
        }
        // Nobody awaits this task: its end is the completion, and `inFlight` counts it until then.
        var task: Task<Void, Never>?
        call.onLoop(loop, from: call.began) {
            if let record = call.record, let launch = record.launch, connectionMiddleware.isEmpty, record.chain.isEmpty
            {
                task = startPlain(call, record, launch, completion)
            } else {
                task = Task.immediate(executorPreference: call) {
                    let (status, error) = await self.perform(call)
                    self.complete(call, status, error, completion)
                }
            }
        }
        if let task, call.result == nil {
            call.suspend(task, cancelTimeout: scheduleTimeout(call, task, loop, completion))
        }
        return call
    }

    /// Starts an action around which nothing else has to run.
    private func startPlain(
        _ call: ActionCall, _ record: ActionRecord, _ launch: ActionRecord.Launch,
        _ completion: @escaping @Sendable (ActionCall) -> Void
    ) -> Task<Void, Never>? {
        do {
            scrubParams(call, record)
            return try launch(call, general.missingParamChecks, completion)
        } catch {
            let (status, error) = present(error)
            complete(call, status, error, completion)
            return nil
        }
    }

    /// Runs an action from a task of the caller's, as in-line calls and commands do.
    package func run(_ request: ActionRequest) async -> ActionCall {
        let (call, refusal) = admit(request, loop: nil)
        begin(call)
        if let (status, error) = refusal {
            complete(call, status, error) { _ in }
            return call
        }
        let (status, error) = await withTimeout(call) { await self.perform(call) }
        complete(call, status, error) { _ in }
        return call
    }

    /// Runs work that belongs to a response but outlives the action, such as a stream.
    ///
    /// Nobody awaits the task: `inFlight` counts it until it ends, so a stopping process waits for it.
    package func detached(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        inFlight.increment()
        return Task {
            await work()
            inFlight.decrement()
        }
    }

    /// Refuses new actions from now on with "the server is shutting down".
    package func stopAccepting() { isAccepting.store(false, ordering: .relaxed) }

    /// Waits until no action runs any more.
    package func drain() async { await inFlight.waitForZero() }

    /// What has begun and not ended, whether or not anybody still waits for it, for the log.
    var unfinished: [String] {
        let others = inFlight.count - executingCalls.reduce(0) { $0 + $1.count }
        return others > 0 ? executing + ["\(others) responses that are still sent"] : executing
    }

    /// Actions that have not returned, with how often where it is more than once.
    package var executing: [String] {
        executingCalls.map { label, count in count == 1 ? label : "\(label) (\(count) times)" }
    }

    private var executingCalls: [(label: String, count: Int)] {
        actions.all.map { ($0.label, $0.runningCalls.load(ordering: .relaxed)) }.filter { $0.1 > 0 }
    }

    /// Refuses exactly these actions from now on, because they have crashed too many workers.
    ///
    /// - Parameter labels: `name@version`.
    package func quarantine(_ labels: [String]) {
        for record in actions.all { record.isQuarantined.store(labels.containsSame(record.label), ordering: .relaxed) }
    }

    // MARK: Before

    /// The checks that come before anything of the action runs, in the reference's order.
    private func admit(
        _ request: ActionRequest, loop: (any ActionLoop)?
    ) -> (ActionCall, refusal: (ActionStatus, PresentedError)?) {
        let record = request.record ?? request.actionName.flatMap { actions.find($0, version: request.version) }
        let call = ActionCall(processor: self, request: request, record: record, loop: loop)
        if !isAccepting.load(ordering: .relaxed) {
            return (call, (.serverShuttingDown, PresentedError(errors.serverShuttingDown)))
        }
        if request.pendingCount > general.simultaneousActions {
            return (call, (.tooManyRequests, PresentedError(errors.tooManyPendingActions)))
        }
        guard let record else { return (call, (.unknownAction, unknownAction)) }
        if record.isQuarantined.load(ordering: .relaxed) {
            let text = ErrorsConfiguration.fill(errors.actionQuarantined, "action", with: record.name)
            return (call, (.quarantined, PresentedError(text, httpStatus: 503)))
        }
        let type = request.connection.type
        if record.blockedConnectionTypes.contains(type) {
            let text = ErrorsConfiguration.fill(errors.unsupportedServerType, "type", with: type)
            return (call, (.unsupportedServerType, PresentedError(text)))
        }
        return (call, nil)
    }

    /// In development with what a developer may have forgotten.
    var unknownAction: PresentedError {
        guard let hint = buildHint?.text else { return PresentedError(errors.unknownAction) }
        return PresentedError("\(errors.unknownAction) – \(hint)")
    }

    // MARK: After

    func complete(
        _ call: ActionCall, _ status: ActionStatus, _ error: PresentedError?,
        _ completion: (ActionCall) -> Void
    ) {
        if end(call, status, error) { completion(call) }
        if let record = call.record {
            record.runningCalls.wrappingSubtract(1, ordering: .relaxed)
            application.boardSlot?.end(record.watched.boardNumber.load(ordering: .relaxed))
        }
        // Last: a process that stops goes on when all have ended.
        inFlight.decrement()
    }

    func fail(_ call: ActionCall, _ error: any Error, _ completion: (ActionCall) -> Void) {
        complete(call, .genericError, PresentedError(error, errors), completion)
    }

    private func begin(_ call: ActionCall) {
        inFlight.increment()
        guard let record = call.record else { return }
        record.runningCalls.wrappingAdd(1, ordering: .relaxed)
        application.boardSlot?.begin(record.watched.boardNumber.load(ordering: .relaxed))
    }

    /// Ends a call, logs it and reports its error, unless that has been done.
    func end(_ call: ActionCall, _ status: ActionStatus, _ error: PresentedError?) -> Bool {
        guard call.finish(status, error) else { return false }
        actionLog.write(call)
        if error != nil { report(call, actionLog.filter) }
        return true
    }
}
