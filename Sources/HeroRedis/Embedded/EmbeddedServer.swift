// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import CHero
internal import Dispatch
internal import Glibc
internal import HeroSystem
internal import Synchronization

/// Runs the project's `redis-server`: starts it, passes its log on, starts it again when it ends, stops it last.
///
/// Of several processes in one project one runs the server and the others use it; when that one goes, another takes its
/// place. A thread of its own does all of it.
package final class EmbeddedServer: Sendable {
    /// Hands a running server over to the program that replaces this one.
    package static let variable = "HERO_EMBEDDED_REDIS"
    /// Milliseconds for the server's own end.
    private static let stopLimit = 10_000
    /// Milliseconds until a process that was killed is given up: it waits for a disk that does not answer.
    private static let killLimit = 5_000
    /// Milliseconds between two looks whether the process that runs the server is still there.
    private static let turn = 250
    /// A server that has lived for so many milliseconds begins anew with short pauses.
    private static let goodLife = 10_000

    private enum Order: Sendable {
        case run, stop, leave
    }

    /// Descriptors of this process, and the server's number.
    struct Child: Sendable {
        var process: Int32
        var watch: Int32
        var output: Int32
    }

    private struct State: Sendable {
        var order = Order.run
        /// Tells when the thread has ended; `nil` without one.
        var ended: DispatchSemaphore?
        /// What an earlier program of this process, or this object, has left running.
        var left: Child?
        var owner: Int32 = -1
        var guardian: ServerGuard
    }

    private let settings: EmbeddedSettings
    private let program: RedisProgram
    private let log: @Sendable (LogLevel, String) -> Void
    private let state: Mutex<State>
    /// Written to when the order changes.
    private let wake: SystemPipe

    /// Looks for the program and makes the directory.
    ///
    /// - Parameters:
    ///   - settings: Which program, and where.
    ///   - environment: Of this process; says whether an earlier program of it has left a server.
    ///   - log: Called on the thread of this object.
    /// - Throws: ``EmbeddedFailure`` that says what to do.
    package init(
        _ settings: EmbeddedSettings, environment: [String: String],
        log: @escaping @Sendable (LogLevel, String) -> Void
    ) throws(EmbeddedFailure) {
        program = try RedisProgram(settings.executable)
        var settings = settings
        settings.directory = try Self.prepare(settings.directory)
        self.settings = settings
        self.log = log
        guard let wake = SystemPipe(waiting: .neither) else {
            throw EmbeddedFailure("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        self.wake = wake
        if let left = Inheritance(environment) {
            state = Mutex(State(left: left.child, owner: left.owner, guardian: left.guardian))
        } else {
            state = Mutex(State(guardian: try ServerGuard()))
        }
    }

    /// Where clients connect, whichever process runs the server.
    package var socket: String { settings.socket }

    /// The server goes on for as long as a process holds this descriptor, also when this one is killed.
    package var lifeline: Int32 { state.withLock { $0.guardian.writer } }

    private static func prepare(_ directory: String) throws(EmbeddedFailure) -> String {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            if mkdir(path, path == directory ? 0o700 : 0o755) != 0, errno != EEXIST {
                throw EmbeddedFailure("cannot make the directory \(path): \(String(cString: strerror(errno)))")
            }
        }
        try closeToOthers(directory)
        guard let real = realpath(directory, nil) else {
            throw EmbeddedFailure("cannot use the directory \(directory): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }

    /// Takes the directory's permissions from everybody else, when it is this user's: a link, or somebody else, may have
    /// put another one in its place.
    private static func closeToOthers(_ directory: String) throws(EmbeddedFailure) {
        var status = stat()
        guard lstat(directory, &status) == 0, [0, geteuid()].contains(status.st_uid) else {
            throw EmbeddedFailure("\(directory) is a link of somebody else (user \(status.st_uid)); remove it")
        }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw EmbeddedFailure("cannot use the directory \(directory): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
            throw EmbeddedFailure(
                "\(directory) belongs to the user \(status.st_uid), but redis-server is to run as the user \(geteuid()): "
                    + "change its owner, or set redis.embedded.directory")
        }
        guard status.st_mode & 0o777 != 0o700 else { return }
        guard fchmod(descriptor, 0o700) == 0 else {
            throw EmbeddedFailure("cannot close \(directory) to others: \(String(cString: strerror(errno)))")
        }
    }

    // MARK: From other threads

    /// Begins, without waiting for anything.
    package func start() {
        state.withLock { $0.order = .run }
        let ended = DispatchSemaphore(value: 0)
        let hasStarted = DetachedThread.start {
            self.supervise()
            ended.signal()
        }
        guard hasStarted else { return log(.emerg, "cannot start a thread for redis-server") }
        state.withLock { $0.ended = ended }
    }

    /// Stops the server, if this process runs it, and waits for its end.
    package func stop() { order(.stop) }

    /// Leaves the server to the program that this process executes next, or to ``start()``.
    package func handOver() {
        order(.leave)
        guard let inheritance else { return }
        for descriptor in inheritance.descriptors { _ = fcntl(descriptor, F_SETFD, 0) }
        setenv(Self.variable, inheritance.text, 1)
    }

    /// Undoes ``handOver()``.
    package func resume() {
        for descriptor in inheritance?.descriptors ?? [] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        unsetenv(Self.variable)
        start()
    }

    private var inheritance: Inheritance? {
        state.withLock { state in
            state.left.map { Inheritance(child: $0, owner: state.owner, guardian: state.guardian) }
        }
    }

    private func order(_ order: Order) {
        let ended = state.withLock { state in
            state.order = order
            defer { state.ended = nil }
            return state.ended
        }
        var byte: UInt8 = 0
        _ = write(wake.writer, &byte, 1)
        ended?.wait()
    }

    /// Ends a server that an earlier program of this process has left and that nobody wants any more.
    package static func endInherited(_ environment: [String: String]) {
        guard let left = Inheritance(environment) else { return }
        kill(left.child.process, SIGTERM)
        for descriptor in left.descriptors { close(descriptor) }
    }

    // MARK: The thread

    private var current: Order { state.withLock { $0.order } }

    private func supervise() {
        hero_name_thread("hero-redis")
        // redis-server gives its files the mode that is left of 0644, whatever directory they are copied to later.
        hero_keep_private()
        guard becomeOwner() else { return }
        var failures = 0
        while current == .run {
            let began = MonotonicTime.milliseconds
            do throws(EmbeddedFailure) {
                guard try runServer() else { return }
            } catch {
                guard current == .run else { break }
                log(.alert, error.description)
            }
            guard current == .run else { break }
            if MonotonicTime.milliseconds - began > Self.goodLife { failures = 0 }
            let pause = min(50 << min(failures, 10), 5000)
            failures += 1
            log(.notice, "starting redis-server again in \(pause) ms")
            rest(pause)
        }
        guard current == .stop else { return }
        close(
            state.withLock { state in
                defer { state.owner = -1 }
                return state.owner
            })
    }

    /// Waits until no other process of this project runs the server.
    ///
    /// - Returns: `false` when it was stopped before.
    private func becomeOwner() -> Bool {
        guard state.withLock({ $0.owner < 0 }) else { return true }
        var isTold = false
        while current == .run {
            if let lock = Self.lock(settings.ownerLock) {
                state.withLock { $0.owner = lock }
                return true
            }
            if !isTold { log(.notice, "another process of this project runs redis-server; using that one") }
            isTold = true
            rest(Self.turn)
        }
        return false
    }

    /// - Returns: Whether it has ended; `false` when it goes on without this thread.
    private func runServer() throws(EmbeddedFailure) -> Bool {
        let left = state.withLock { state in
            defer { state.left = nil }
            return state.left
        }
        let child: Child
        if let left { child = left } else { child = try launch() }
        var output = ServerOutput()
        guard watch(child, &output) else {
            state.withLock { $0.left = child }
            return false
        }
        state.withLock { $0.guardian.forget(child.process) }
        // Whoever reaps all children of this process may have been faster.
        var status: Int32 = 0
        let isKnown = waitpid(child.process, &status, 0) == child.process
        close(child.watch)
        close(child.output)
        let signal = status & 0x7F
        let how =
            !isKnown ? "ended" : signal != 0 ? "was ended by signal \(signal)" : "ended with \(status >> 8 & 0xFF)"
        if current == .stop {
            log(.debug, "redis-server \(how)")
        } else {
            log(.alert, (["redis-server \(how); its last lines:"] + output.lastLines).joined(separator: "\n  "))
        }
        return true
    }

    private func launch() throws(EmbeddedFailure) -> Child {
        try program.checkVersion(knownIn: settings.knownProgram) { current == .run }
        let lock = try freeData()
        defer { close(lock) }
        try removeSocket()
        let (process, output) = try program.start(settings.arguments, lock: lock)
        let watch = hero_watch_process(process)
        guard watch >= 0 || Self.mustAsk(-watch) else {
            kill(process, SIGKILL)
            close(output)
            throw EmbeddedFailure("cannot watch redis-server: \(String(cString: strerror(-watch)))")
        }
        do throws(EmbeddedFailure) {
            try state.withLock { state throws(EmbeddedFailure) in try state.guardian.watch(process) }
        } catch {
            log(.warning, "redis-server would outlive a hero that is killed: \(error)")
        }
        log(.info, "redis-server started with pid \(process), socket \(settings.socket)")
        return Child(process: process, watch: watch, output: output)
    }

    /// What a server that was killed has left.
    private func removeSocket() throws(EmbeddedFailure) {
        var status = stat()
        guard lstat(settings.socket, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw EmbeddedFailure("\(settings.socket) is no socket: move it away")
        }
        unlink(settings.socket)
    }

    /// Whether a process is the server of this directory: it holds the lock that it was started with.
    private func isOurServer(_ process: Int32) -> Bool {
        var (own, held) = (stat(), stat())
        return stat(settings.serverLock, &own) == 0 && stat("/proc/\(process)/fd/3", &held) == 0
            && own.st_dev == held.st_dev && own.st_ino == held.st_ino
    }

    /// A process of this project that was killed has left its server running: that one has to end first.
    ///
    /// - Returns: The lock of the data.
    private func freeData() throws(EmbeddedFailure) -> Int32 {
        let end = MonotonicTime.milliseconds + Self.stopLimit
        let address = SocketPath(settings.socket)
        var isAsked = false
        while current == .run {
            if let lock = Self.lock(settings.serverLock) { return lock }
            if let socket = UnixSocket.connected(address.text) {
                let peer = hero_peer_process(socket)
                close(socket)
                let isLate = MonotonicTime.milliseconds > end
                guard peer > 0, isOurServer(peer) else {
                    throw EmbeddedFailure(
                        "the process \(peer) listens at \(settings.socket) and is not this project's redis-server; "
                            + "end it by hand")
                }
                if !isAsked || isLate { kill(peer, isLate ? SIGKILL : SIGTERM) }
                if !isAsked { log(.notice, "ending the redis-server that an earlier process has left, pid \(peer)") }
                isAsked = true
            }
            guard MonotonicTime.milliseconds < end + Self.stopLimit else { break }
            rest(20)
        }
        throw EmbeddedFailure(
            "the data in \(settings.directory) is in use by a redis-server that does not end; end it by hand")
    }

    /// - Returns: A descriptor that holds the lock; `nil` when somebody else does.
    private static func lock(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return nil }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Passes its log on until it ends or the order changes.
    ///
    /// - Returns: Whether it has ended; `false` also when it does not although it was killed.
    private func watch(_ child: Child, _ output: inout ServerOutput) -> Bool {
        var killAt: Int?
        var isKilled = false
        let address = SocketPath(settings.socket)
        var probe = ServerProbe(address.text, limit: settings.silenceLimit, now: MonotonicTime.milliseconds)
        defer { probe.close() }
        while true {
            if current == .run, let news = probe.look(now: MonotonicTime.milliseconds) { tell(news, of: child) }
            var wanted = [
                pollfd(fd: child.watch, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output.isOpen ? child.output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: current == .run ? probe.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let limit = Int32(clamping: max(0, (killAt ?? probe.due) - MonotonicTime.milliseconds))
            let mustAsk = child.watch < 0
            poll(&wanted, nfds_t(wanted.count), mustAsk ? Self.askingPause : limit)
            if wanted[1].revents != 0 { readOutput(child, &output) }
            if wanted[0].revents != 0 || mustAsk && Self.hasEnded(child.process) {
                readOutput(child, &output)
                return true
            }
            drainWake()
            switch current {
            case .run: break
            case .leave: return false
            case .stop:
                if killAt == nil {
                    kill(child.process, SIGTERM)
                    // One that was stopped hears nothing before it goes on.
                    kill(child.process, SIGCONT)
                    killAt = MonotonicTime.milliseconds + Self.stopLimit
                } else if let time = killAt, MonotonicTime.milliseconds >= time {
                    guard !isKilled else {
                        log(.alert, "redis-server (\(child.process)) does not end although it was killed")
                        return false
                    }
                    log(.error, "redis-server does not stop; it is killed")
                    kill(child.process, SIGKILL)
                    isKilled = true
                    killAt = MonotonicTime.milliseconds + Self.killLimit
                }
            }
        }
    }

    /// Only tells of a silent server: to end it would lose what it has not written yet, and somebody may be debugging
    /// it.
    private func tell(_ news: ServerProbe.News, of child: Child) {
        switch news {
        case .silent(let time):
            let advice = "is its process stopped, or its disk slow? Nothing that needs Redis works meanwhile"
            log(.alert, "redis-server (\(child.process)) has not answered for \(time) ms: \(advice)")
        case .answersAgain: log(.notice, "redis-server (\(child.process)) answers again")
        }
    }

    /// Milliseconds between two questions whether the server has ended, where the system tells no other way.
    private static let askingPause: Int32 = 100

    /// An old kernel or a sandbox.
    private static func mustAsk(_ code: Int32) -> Bool { code == ENOSYS || code == EPERM || code == EACCES }

    private static func hasEnded(_ process: Int32) -> Bool {
        var information = siginfo_t()
        let result = waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
        // Somebody else has reaped it, or it is there to be reaped.
        return result != 0 && errno == ECHILD || information.si_signo != 0
    }

    private func readOutput(_ child: Child, _ output: inout ServerOutput) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while output.isOpen {
            let count = recv(child.output, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                for line in output.append(buffer[..<count]) { log(line.level, "redis-server: \(line.text)") }
            } else if count == 0 {
                output.isOpen = false
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Waits, but not longer than until the order changes.
    private func rest(_ milliseconds: Int) {
        var wanted = pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0)
        poll(&wanted, 1, Int32(milliseconds))
        drainWake()
    }

    private func drainWake() {
        var buffer = [UInt8](repeating: 0, count: 16)
        while read(wake.reader, &buffer, buffer.count) > 0 {}
    }
}
