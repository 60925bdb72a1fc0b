// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import HeroLog
internal import HeroRuntime
internal import HeroSystem
internal import NIOCore

/// The connections of one event loop: how many there may be, how long each is waited for, and how they end.
///
/// Touched by that loop only.
final class ConnectionTable {
    private let loop: ProcessLoop
    private let configuration: WebConfiguration
    private let log: LogRouter
    private let shortages: Shortages
    private let proxies: TrustedProxies
    private var counts: ConnectionCounts
    private var handlers: [ObjectIdentifier: any ServedConnection] = [:]
    private var sweep: RepeatedTask?
    /// The time of the last sweep: limits of seconds need no better clock, and reading one costs a request 25 ns.
    private(set) var lastSweep: NIODeadline
    private(set) var isStopping = false
    /// How long a stopping server leaves connections between two requests alone.
    private var idleEnd = NIODeadline.now()
    private var stopped: EventLoopPromise<Void>?
    private var memory = MemoryReturn()
    /// Connections that were closed since the last sweep because there are too many.
    private var turnedAway = 0
    /// Called once a second while there are connections.
    var onSweep: (NIODeadline) -> Void = { _ in }

    init(_ settings: WebServerSettings, _ loop: ProcessLoop) {
        self.loop = loop
        configuration = settings.configuration
        log = settings.log
        shortages = settings.shortages
        proxies = settings.proxies
        let limits = settings.configuration.limits
        counts = ConnectionCounts(limit: limits.connections, limitPerAddress: limits.connectionsPerAddress)
        lastSweep = loop.eventLoop.now
    }

    var count: Int { handlers.count }

    func add(_ handler: any ServedConnection) {
        if handlers.updateValue(handler, forKey: ObjectIdentifier(handler)) == nil {
            loop.traffic.connectionsChanged(by: 1)
        }
        if sweep == nil {
            // Once a second is precise enough for limits of seconds, and costs nothing while nobody is connected.
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            lastSweep = loop.eventLoop.now
            sweep = loop.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                bound.value.closeOverdue()
            }
        }
    }

    func remove(_ handler: any ServedConnection) {
        if handlers.removeValue(forKey: ObjectIdentifier(handler)) != nil { loop.traffic.connectionsChanged(by: -1) }
        if handlers.isEmpty {
            // Otherwise the next sweep is the last one: it has something to report.
            if isStopping || turnedAway == 0 && shortages.areOver { endSweep() }
            memory.becameIdle()
            stopped?.succeed()
            stopped = nil
        }
    }

    private func endSweep() {
        sweep?.cancel()
        sweep = nil
    }

    private func closeOverdue() {
        let now = loop.eventLoop.now
        lastSweep = now
        reportTurnedAway()
        shortages.sweep()
        memory.sweep(now)
        if handlers.isEmpty, shortages.areOver { endSweep() }
        for handler in handlers.values {
            handler.sweep(now)
        }
        onSweep(now)
    }

    private func reportTurnedAway() {
        guard turnedAway > 0 else { return }
        log.write(
            level: .warning, message: "connections were closed because there are too many",
            data: [("connections", .integer(turnedAway))])
        turnedAway = 0
    }

    // MARK: Who connects

    /// Whether connections of trusted proxies begin with a header of the PROXY protocol.
    var takesProxyHeaders: Bool { configuration.proxyProtocol }

    /// Whether what the client says about other clients is believed.
    func trusts(_ remote: RemoteAddress) -> Bool { proxies.contains(remote.address, user: remote.user) }

    /// Whose process has connected.
    ///
    /// - Parameter socket: A connection.
    /// - Returns: `nil` when that does not count, or the system does not tell.
    func user(of socket: CInt) -> UInt32? {
        guard proxies.areUsersAsked else { return nil }
        let user = hero_peer_user(socket)
        return user < 0 ? nil : UInt32(truncatingIfNeeded: user)
    }

    /// Counts a new connection.
    ///
    /// - Returns: Whether it may stay.
    func open() -> Bool {
        let isOpen = counts.open()
        if !isOpen { turnedAway += 1 }
        return isOpen
    }

    /// Counts a connection for its client's address.
    ///
    /// - Returns: The address to give back when it closes; `nil` for one that is not counted.
    /// - Throws: ``TooManyConnections``.
    func attribute(_ remote: RemoteAddress) throws(TooManyConnections) -> IPAddress? {
        guard let address = remote.address, !trusts(remote) else { return nil }
        guard counts.attribute(to: address) else {
            turnedAway += 1
            throw TooManyConnections()
        }
        return address
    }

    func close(_ address: IPAddress?) {
        counts.close()
        if let address { counts.detach(from: address) }
    }

    // MARK: Patience

    /// Most requests of a connection, and how many are answered in a row.
    var requestLimits: (total: Int, inRow: Int) {
        (configuration.limits.requestsPerConnection, configuration.limits.pipelinedRequests)
    }

    /// How long a client may go on sending after the response to which it does not listen.
    static let longestLingering = TimeAmount.seconds(30)

    /// - Returns: `nil` where the configuration sets no limit.
    func deadline(_ kind: ConnectionDeadline.Kind) -> ConnectionDeadline? {
        if kind == .keepAlive, isStopping {
            // Nobody has told this client that the connection ends: its response began before the stop.
            return ConnectionDeadline(kind: kind, time: max(idleEnd, lastSweep + .seconds(2)))
        }
        let milliseconds =
            switch kind {
            case .handshake: configuration.timeouts.handshake
            case .firstRequest: 1000
            case .headers: configuration.timeouts.headers
            case .body: configuration.timeouts.body
            case .keepAlive: configuration.timeouts.keepAlive
            case .write: configuration.timeouts.write
            case .lingering: 2000
            }
        guard milliseconds > 0 else { return nil }
        // Up to a second has passed since the last sweep, which the connection is not to lose.
        return ConnectionDeadline(kind: kind, time: lastSweep + .milliseconds(Int64(milliseconds) + 1000))
    }

    // MARK: The end

    /// From now on each response is the last one of its connection.
    func beginStopping() { isStopping = true }

    /// Ends connections that wait for a request, at once or after a grace; the others end with their response.
    ///
    /// - Parameter limits: How long to wait.
    /// - Returns: Done when no connection is left.
    func stop(_ limits: DrainLimits) -> EventLoopFuture<Void> {
        beginStopping()
        for handler in handlers.values { handler.stopBegan() }
        idleEnd = .now() + .milliseconds(Int64(limits.idleMilliseconds))
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        if limits.idleMilliseconds == 0 {
            closeIdle()
        } else {
            loop.eventLoop.scheduleTask(in: .milliseconds(Int64(limits.idleMilliseconds))) { bound.value.closeIdle() }
        }
        if let total = limits.totalMilliseconds {
            loop.eventLoop.scheduleTask(in: .milliseconds(Int64(total))) {
                bound.value.closeAll(limits)
            }
        }
        let promise = stopped ?? loop.eventLoop.makePromise()
        if handlers.isEmpty { promise.succeed() } else { stopped = promise }
        return promise.futureResult
    }

    private func closeIdle() {
        for handler in handlers.values { handler.stopIfIdle() }
    }

    /// Closes what is left, whatever it is doing.
    private func closeAll(_ limits: DrainLimits) {
        guard !handlers.isEmpty else { return }
        limits.onCutOff()
        log.write(
            level: .warning, message: "connections were cut off because stopping took too long",
            data: [("connections", .integer(handlers.count))])
        for handler in handlers.values { handler.closeNow() }
    }
}
