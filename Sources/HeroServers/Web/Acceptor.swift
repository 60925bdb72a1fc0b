// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Dispatch
internal import Glibc
internal import HeroSystem
internal import NIOCore
internal import Synchronization

/// Takes connections from a socket that other processes may take them from as well.
///
/// A thread waits for the bell; the event loop opens the door, so a process whose loop is blocked takes nothing. The
/// socket is never registered with epoll: registrations belong to the socket that all processes share, and one that
/// outlived its owner would go on ringing. A worker that has more connections than another gives that one a moment to
/// come first, which keeps the shares even.
final class Acceptor: Sendable {
    private let eventLoop: any EventLoop
    private let traffic: LoopTraffic
    private let running = Mutex<Running?>(nil)

    private struct Running: Sendable {
        /// A byte in it ends the thread.
        let wake: Int32
        let ended: DispatchSemaphore
    }

    /// Connections taken in one turn of the loop, which has other things to do.
    private static let turn = 16
    /// How long another worker is given to come first, and how often.
    private static let courtesy: (milliseconds: Int32, times: Int) = (1, 3)
    /// How long to wait for a free descriptor, or for the message to stop, in milliseconds.
    private static let shortage: Int32 = 10
    /// Connections have descriptors below this number; those that do not get one wait in the queue.
    private let limit = DescriptorLimit.forConnections
    /// The last connection has got a descriptor that is kept for others.
    private let isShort = Flag()
    private let ranShort: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - eventLoop: Takes the connections.
    ///   - traffic: What the other servers of the process and other workers do.
    ///   - ranShort: Called on the event loop, often, while so many connections wait because there are no descriptors.
    init(
        eventLoop: any EventLoop, traffic: LoopTraffic,
        ranShort: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.eventLoop = eventLoop
        self.traffic = traffic
        self.ranShort = ranShort
    }

    /// Begins to take connections.
    ///
    /// - Parameters:
    ///   - socket: A listening socket; closed when the acceptor stops.
    ///   - deliver: Called on the event loop with each connection, which is its own from then on.
    /// - Throws: ``WebServerError`` when the system has no pipe or thread to give.
    func start(_ socket: Int32, deliver: @escaping @Sendable (Int32) -> Void) throws {
        guard let pipe = SystemPipe() else { throw WebServerError("cannot make a pipe for the web server") }
        // The flag belongs to the socket that all processes share; all of them want it.
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        Self.askWhetherClientsAreThere(socket)
        let (reader, writer) = (pipe.reader, pipe.writer)
        let ended = DispatchSemaphore(value: 0)
        traffic.beginAccepting()
        let hasStarted = DetachedThread.start {
            hero_name_thread("hero-accept")
            self.listen(socket, wake: reader, deliver)
            close(socket)
            close(reader)
            ended.signal()
        }
        guard hasStarted else {
            for descriptor in [socket, reader, writer] { close(descriptor) }
            traffic.endAccepting()
            throw WebServerError("cannot start a thread for the web server")
        }
        running.withLock { $0 = Running(wake: writer, ended: ended) }
    }

    /// Has the system ask silent clients whether they are still there; connections inherit it from their listening socket.
    ///
    /// A client that has closed its socket looks like one that has ended sending, until it is asked: its system answers
    /// for a minute, and then that there is no such connection.
    private static func askWhetherClientsAreThere(_ socket: Int32) {
        func set(_ level: Int32, _ name: Int32, _ value: Int32) {
            var value = value
            // Unix sockets know only the first of them, and have no need of any.
            setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    /// Takes no more connections; those in the queue are for others.
    func stop() async {
        guard
            let running = running.withLock({ state in
                defer { state = nil }
                return state
            })
        else { return }
        traffic.endAccepting()
        // The end of the pipe alone would not be seen as long as a process that an action has forked has a copy of this end.
        var byte: UInt8 = 0
        _ = write(running.wake, &byte, 1)
        close(running.wake)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                running.ended.wait()
                continuation.resume()
            }
        }
    }

    // MARK: The thread

    /// What the event loop tells the thread, which waits for it meanwhile.
    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)
        var isSet: Bool {
            get { state.load(ordering: .relaxed) }
            set { state.store(newValue, ordering: .relaxed) }
        }
    }

    private enum Wait {
        case ready, nothing, stopped
    }

    private func listen(_ socket: Int32, wake: Int32, _ deliver: @escaping @Sendable (Int32) -> Void) {
        let turnEnded = DispatchSemaphore(value: 0)
        let hasToWait = Flag()
        var patience = Self.courtesy.times
        while true {
            switch wait(socket, wake, milliseconds: -1) {
            case .stopped: return
            case .nothing: continue
            case .ready: break
            }
            if patience > 0, traffic.isAhead {
                patience -= 1
                if case .stopped = wait(nil, wake, milliseconds: Self.courtesy.milliseconds) { return }
                continue
            }
            patience = Self.courtesy.times
            eventLoop.execute {
                hasToWait.isSet = !self.takeTurn(socket, deliver)
                turnEnded.signal()
            }
            turnEnded.wait()
            // Connections wait in the queue until one of those that are open ends.
            if hasToWait.isSet, case .stopped = wait(nil, wake, milliseconds: Self.shortage) { return }
        }
    }

    private func wait(_ socket: Int32?, _ wake: Int32, milliseconds: Int32) -> Wait {
        var wanted = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        if let socket { wanted.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&wanted, nfds_t(wanted.count), milliseconds)
        guard count > 0 else { return .nothing }
        if wanted[0].revents != 0 { return .stopped }
        return wanted.count > 1 && wanted[1].revents != 0 ? .ready : .nothing
    }

    /// - Returns: Whether there were descriptors for all, and this worker may take them.
    private func takeTurn(_ socket: Int32, _ deliver: (Int32) -> Void) -> Bool {
        guard traffic.mayAccept else { return false }
        for taken in 0..<Self.turn {
            if taken > 0, traffic.isAhead { return true }
            if isShort.isSet {
                guard hasRoom(socket) else {
                    ranShort(Self.waiting(socket))
                    return false
                }
                isShort.isSet = false
            }
            let connection = hero_accept(socket)
            guard connection >= 0 else {
                // Otherwise somebody else was faster, or the client is gone already.
                guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { return true }
                isShort.isSet = true
                ranShort(Self.waiting(socket))
                return false
            }
            if Int(connection) >= limit { isShort.isSet = true }
            deliver(connection)
        }
        return true
    }

    /// How many connections of clients wait in the queue; 0 where the system does not tell.
    private static func waiting(_ socket: Int32) -> Int {
        var information = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return 0 }
        // Of a listening socket these are the ones that nobody has accepted.
        return Int(information.tcpi_unacked)
    }

    /// Whether the next connection would get a descriptor that is not kept for others.
    private func hasRoom(_ socket: Int32) -> Bool {
        let next = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        if next >= 0 { close(next) }
        return next >= 0 && Int(next) < limit
    }
}
