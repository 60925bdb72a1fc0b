// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Dispatch
internal import Glibc
internal import HeroCore
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
    private let board: (board: WorkerBoard, slot: Int)?
    private let running = Mutex<Running?>(nil)

    private struct Running: Sendable {
        /// Closing it ends the thread.
        let wake: Int32
        let ended: DispatchSemaphore
    }

    /// Connections taken in one turn of the loop, which has other things to do.
    private static let turn = 16
    /// How long another worker is given to come first, and how often.
    private static let courtesy: (milliseconds: Int32, times: Int) = (1, 3)
    /// How long to wait for a free descriptor, or for the message to stop, in milliseconds.
    private static let shortage: Int32 = 10

    init(eventLoop: any EventLoop, board: (board: WorkerBoard, slot: Int)?) {
        self.eventLoop = eventLoop
        self.board = board
    }

    /// Begins to take connections.
    ///
    /// - Parameters:
    ///   - socket: A listening socket; closed when the acceptor stops.
    ///   - deliver: Called on the event loop with each connection, which is its own from then on.
    /// - Throws: ``WebServerError`` when the system has no pipe or thread to give.
    func start(_ socket: Int32, deliver: @escaping @Sendable (Int32) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard hero_pipe(&ends, 0) == 0 else { throw WebServerError("cannot make a pipe for the web server") }
        // The flag belongs to the socket that all processes share; all of them want it.
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        let (reader, writer) = (ends[0], ends[1])
        let ended = DispatchSemaphore(value: 0)
        if let board { board.board.slot(board.slot).isAccepting = true }
        let hasStarted = DetachedThread.start {
            hero_name_thread("hero-accept")
            self.listen(socket, wake: reader, deliver)
            close(socket)
            close(reader)
            ended.signal()
        }
        guard hasStarted else {
            for descriptor in [socket, reader, writer] { close(descriptor) }
            if let board { board.board.slot(board.slot).isAccepting = false }
            throw WebServerError("cannot start a thread for the web server")
        }
        running.withLock { $0 = Running(wake: writer, ended: ended) }
    }

    /// Takes no more connections; those in the queue are for others.
    func stop() async {
        guard
            let running = running.withLock({ state in
                defer { state = nil }
                return state
            })
        else { return }
        if let board { board.board.slot(board.slot).isAccepting = false }
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
            if patience > 0, isAhead {
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

    /// Whether another worker has clearly fewer connections.
    ///
    /// Small differences come and go with every request of clients that connect for each, and are not worth a wait.
    private var isAhead: Bool {
        guard let (board, own) = board, let fewest = board.fewestConnections(except: own) else { return false }
        return board.slot(own).connections > fewest + fewest / 4 + 2
    }

    /// The master takes the right to accept away before the message to stop arrives.
    private var mayAccept: Bool { board.map { $0.board.slot($0.slot).isAccepting } ?? true }

    /// - Returns: Whether there were descriptors for all, and this worker may take them.
    private func takeTurn(_ socket: Int32, _ deliver: (Int32) -> Void) -> Bool {
        guard mayAccept else { return false }
        for taken in 0..<Self.turn {
            if taken > 0, isAhead { return true }
            let connection = hero_accept(socket)
            // Otherwise somebody else was faster, or the client is gone already.
            guard connection >= 0 else { return errno != EMFILE && errno != ENFILE }
            deliver(connection)
        }
        return true
    }
}
