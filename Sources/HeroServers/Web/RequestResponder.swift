// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import NIOCore

/// Finds the answer to one request at a time, and gives it to the transport.
///
/// An HTTP/1.1 connection has one for all its requests, an HTTP/2 stream has one of its own. Touched by one loop only.
final class RequestResponder {
    /// The part of the answer that is being worked on.
    private enum Work {
        case none
        case call(ActionCall)
        case stream(Task<Void, Never>, endsWithProcess: Bool)
    }

    let shared: WebLoop
    /// Gone with the connection.
    private(set) var transport: (any ResponseTransport)?
    /// The request that is being answered.
    private var exchange: WebExchange?
    private var work = Work.none
    /// What the request asks for, while the process is starting.
    private var held: WebTask?
    /// A file that is looked for when the transport may have one more.
    private var heldFile: (name: FileName?, state: ResponseState?)?
    /// What a call tells when it has ended; one for all, because each would be an allocation.
    private var whenEnded: (@Sendable (ActionCall) -> Void)?
    var streamWaiter: CheckedContinuation<Void, any Error>?
    /// The request can be found by its id.
    ///
    /// A request that is answered at once cannot be found: nobody could look for it meanwhile.
    private var isRegistered = false
    /// The stream was told to end, so its cancellation is no failure.
    private var isEndingStream = false

    init(_ shared: WebLoop) {
        self.shared = shared
    }

    /// - Parameter transport: Kept until ``abandon()``.
    func open(_ transport: any ResponseTransport) {
        self.transport = transport
        let bound = NIOLoopBound(self, eventLoop: shared.loop.eventLoop)
        whenEnded = { call in bound.value.actionEnded(call) }
    }

    // MARK: The request

    /// Answers a request that has been read whole.
    func answer(_ request: (exchange: WebExchange, task: WebTask)) {
        exchange = request.exchange
        if shared.held.isHolding, !request.task.isAboutHealth { return hold(request.task) }
        perform(request.task, request.exchange)
    }

    private func hold(_ task: WebTask) {
        held = task
        // A process that stops before it has started never will.
        if shared.connections.isStopping { refuseHeld() } else { shared.held.hold(self) }
    }

    /// The process has started.
    func goOn() {
        guard let held, let exchange else { return }
        self.held = nil
        perform(held, exchange)
    }

    /// The process will not start.
    func refuseHeld() {
        guard held != nil, let exchange else { return }
        held = nil
        respond(shared.responses.renderRefusal(.notStarted, exchange, [:]), exchange)
    }

    private func perform(_ task: WebTask, _ exchange: WebExchange) {
        switch task {
        case .action(let request): start(request, exchange)
        case .options: respond(shared.responses.renderOptions(), exchange)
        case .trace(let params): respond(shared.responses.renderTrace(exchange, params), exchange)
        case .file(let name): openFile(name, state: nil, exchange)
        case .health(let question): respond(health(question, exchange), exchange)
        case .redirect(let location): respond(shared.responses.renderRedirect(to: location, exchange), exchange)
        case .upgrade(let wanted): upgrade(wanted, exchange)
        case .refuse(let fault, let params): refuse(fault, params, exchange)
        }
    }

    private func refuse(_ fault: HTTPFault, _ params: JSON.Object, _ exchange: WebExchange) {
        shared.log.refusal(fault, exchange, unrouted: shared.intake.loggedPath(exchange.head))
        respond(shared.responses.renderRefusal(fault, exchange, params), exchange)
    }

    private func upgrade(_ wanted: any UpgradeProtocol, _ exchange: WebExchange) {
        guard let transport else { return }
        // The client is to come back to another process, which will be there for longer.
        if shared.connections.isStopping { return refuse(.stopping, [:], exchange) }
        switch wanted.answer(UpgradeRequest(exchange: exchange)) {
        case .refused(let status, let reason, let headers):
            var fault = HTTPFault(status: status, reason: reason)
            fault.ownHeaders = headers.map { HTTPFault.Header(name: $0.name, value: $0.value) }
            refuse(fault, [:], exchange)
        case .accepted(let headers, let session):
            endWork()
            transport.upgrade(AcceptedUpgrade(token: wanted.token, headers: headers, session: session), exchange)
        }
    }

    private func health(_ question: HealthPaths.Question, _ exchange: WebExchange) -> WebResponse {
        shared.responses.renderHealth(
            question, exchange, isStarting: shared.held.isHolding, isStopping: shared.connections.isStopping)
    }

    /// Whether this is still the request that is being answered, and somebody is there to take the answer.
    func isAnswering(_ exchange: WebExchange) -> Bool { self.exchange === exchange && transport != nil }

    /// The client is gone: whatever runs for it may stop.
    func abandon() {
        switch work {
        case .call(let call): call.cancel()
        case .stream(let task, _): task.cancel()
        case .none: break
        }
        transport = nil
        held = nil
        heldFile = nil
        shared.held.forget(self)
        // It refers to this object, which would keep itself alive.
        whenEnded = nil
        unregister()
        exchange = nil
        work = .none
        streamWaiter?.resume(throwing: CancellationError())
        streamWaiter = nil
    }

    private func start(_ request: ActionRequest, _ exchange: WebExchange) {
        guard let whenEnded else { return }
        let call = shared.processor.start(request, on: shared.loop, completion: whenEnded)
        // It may have ended already, and the next request with it.
        if self.exchange === exchange, case .none = work {
            work = .call(call)
            register(exchange)
        }
    }

    private func register(_ exchange: WebExchange) {
        guard !isRegistered else { return }
        isRegistered = true
        shared.registry.add(exchange, uuid: exchange.uuid)
    }

    private func unregister() {
        guard isRegistered, let exchange else { return }
        isRegistered = false
        shared.registry.removeRequest(exchange.uuid)
        exchange.ended()
    }

    private func actionEnded(_ call: ActionCall) {
        guard let exchange, exchange === call.request.connection, transport != nil else { return }
        // An error is answered as one, whatever the action had in mind before it failed.
        let outcome = call.outcome
        guard let body = outcome.response.body, outcome.result?.error == nil else {
            respond(shared.responses.render(call, outcome, exchange), exchange)
            return
        }
        switch body.content {
        case .bytes(let bytes): respond(shared.responses.renderBytes(call, bytes, body.headers, exchange), exchange)
        case .file(let path): openFile(FileName(fileOfAction: path), state: outcome.response, exchange)
        case .stream(let stream): respond(shared.responses.renderStream(call, stream, body.headers, exchange), exchange)
        }
    }

    /// Called when a descriptor may be free for the file that waits for one.
    func openHeldFile() {
        guard let (name, state) = heldFile, let exchange else { return }
        heldFile = nil
        openFile(name, state: state, exchange)
    }

    private func openFile(_ name: FileName?, state: ResponseState?, _ exchange: WebExchange) {
        guard let transport, transport.takesFile() else {
            heldFile = (name, state)
            return
        }
        switch shared.files.find(name) {
        case .now(let file): fileFound(file, state, exchange)
        case .later(let look):
            let bound = NIOLoopBound(self, eventLoop: shared.loop.eventLoop)
            look.whenSuccess { bound.value.fileFound($0, state, exchange) }
        }
    }

    private func fileFound(_ file: StaticFileServer.Result, _ state: ResponseState?, _ exchange: WebExchange) {
        guard isAnswering(exchange) else { return }
        let response = shared.responses.renderFile(file, state, exchange)
        shared.log.file(file, exchange)
        respond(response, exchange)
    }

    // MARK: The response

    /// Gives a response to the transport, as it is.
    func deliver(_ response: WebResponse, _ exchange: WebExchange) {
        guard let transport else { return }
        switch response.body {
        case .file(let file) where !response.hasBody || file.count == 0:
            endWork()
            transport.send(response, exchange)
        case .bytes:
            endWork()
            transport.send(response, exchange)
        case .file(let file):
            endWork()
            transport.send(response, file, exchange)
        case .stream(let stream):
            transport.beginStream(response, exchange)
            guard response.hasBody else {
                endWork()
                return transport.endStream()
            }
            register(exchange)
            isEndingStream = false
            work = .stream(produce(stream, exchange), endsWithProcess: stream.endsWithProcess)
            if shared.connections.isStopping { endWithProcess() }
        }
    }

    /// The transport may begin with the next request before it returns.
    private func endWork() {
        unregister()
        exchange = nil
        work = .none
    }

    /// The producer has ended; without an error the stream is whole.
    func streamEnded(_ stream: ByteStream, _ error: (any Error)?, _ exchange: WebExchange) {
        guard isAnswering(exchange), let transport else { return }
        endWork()
        if let error, !isEndingStream {
            shared.log.streamFailure(error, exchange)
            return transport.abortStream()
        }
        let rest = stream.finish()
        if !rest.isEmpty { _ = transport.sendChunk(rest) }
        if exchange.mustClose { transport.closesAfterStream() }
        transport.endStream()
    }

    /// The process is stopping: a stream that has no end of its own ends, and the client comes back to another process.
    ///
    /// - Returns: Whether there is such a stream.
    @discardableResult
    func endWithProcess() -> Bool {
        guard case .stream(let task, endsWithProcess: true) = work else { return false }
        isEndingStream = true
        task.cancel()
        streamWaiter?.resume(throwing: CancellationError())
        streamWaiter = nil
        return true
    }
}
