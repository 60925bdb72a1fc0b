// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
internal import HeroBundles
internal import HeroSystem

/// The master's side of the control socket: one JSON line in, one JSON line out, then the end.
///
/// Who may use it is decided by the permissions of its file. Used by the master's loop only.
final class ControlServer {
    /// More than operators have terminals.
    private static let clientLimit = 64
    private static let requestLimit = 4096
    /// Milliseconds for a client to say what it wants, and to read what it is told: others wait for its place.
    private static let patience = 5000
    /// Milliseconds between two signs of life to a client that waits for its answer.
    private static let pulse = 3000

    private final class Client {
        let descriptor: Int32
        var request: [UInt8] = []
        var response: [UInt8] = []
        /// The client's command is being carried out.
        var isWaiting = false
        var isAnswered = false
        /// When it is silent for too long, or is given a sign of life.
        var due = MonotonicTime.milliseconds + ControlServer.patience
        init(_ descriptor: Int32) { self.descriptor = descriptor }
    }

    /// Without links: one that moves must not lead to somebody else's file.
    private(set) var path: String
    private(set) var descriptor: Int32
    /// Device and inode of the socket's file, which its descriptor does not know.
    private var file: (device: UInt64, inode: UInt64)?
    private var clients: [Int: Client] = [:]
    private var nextClient = 1
    /// The last client found no free descriptor.
    private var isShort = false

    /// - Parameter projectRoot: Where the socket is to be; one that nobody listens on any more is replaced.
    /// - Throws: ``MasterFailure``, also when a master with another title, and so another pidfile, serves the project.
    init(projectRoot: String) throws {
        path = try ReleasePath.resolve(ControlClient.path(projectRoot: projectRoot), in: projectRoot)
        if let other = try? Self.connect(self.path) {
            Glibc.close(other)
            throw MasterFailure(
                "actionHeroCluster already running in this project, under another title or without its pidfile")
        }
        descriptor = try Self.listen(self.path)
        file = Self.file(at: path)
    }

    /// Whether clients that look for the socket find this one.
    var isInPlace: Bool {
        guard let file, let found = Self.file(at: path) else { return false }
        return file == found
    }

    private static func file(at path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// Listens again after somebody has removed the file; clients stay.
    ///
    /// - Throws: ``MasterFailure``, `FileError`; nothing has changed then.
    func listenAnew(_ projectRoot: String) throws {
        let resolved = try ReleasePath.resolve(ControlClient.path(projectRoot: projectRoot), in: projectRoot)
        if let other = try? Self.connect(resolved) {
            Glibc.close(other)
            throw MasterFailure("another process listens on \(resolved)")
        }
        let fresh = try Self.listen(resolved)
        accept()
        Glibc.close(descriptor)
        (descriptor, path, file) = (fresh, resolved, Self.file(at: resolved))
    }

    private static func listen(_ path: String) throws(MasterFailure) -> Int32 {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw MasterFailure("\(path) is no socket, and the master's is to be there: move it away")
            }
            unlink(path)
        }
        let descriptor = try openSocket(path) { socket, address, size in
            // Nobody else may connect, not even for a moment.
            let mask = umask(0o177)
            defer { umask(mask) }
            return bind(socket, address, size) == 0 && Glibc.listen(socket, 16) == 0
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    /// Listens where the path leads to now, when that is another place; clients stay.
    ///
    /// - Throws: ``MasterFailure``, `FileError`; the old place is kept then.
    func follow(_ projectRoot: String) throws {
        let resolved = try ReleasePath.resolve(ControlClient.path(projectRoot: projectRoot), in: projectRoot)
        guard resolved != self.path else { return }
        let fresh = try Self.listen(resolved)
        Glibc.close(descriptor)
        if isInPlace { unlink(self.path) }
        (descriptor, self.path, file) = (fresh, resolved, Self.file(at: resolved))
    }

    /// Takes over from an earlier program in this process.
    init(inherited descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
        file = Self.file(at: path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Connects to a master, which may be a process that is stopped and whose queue is full.
    static func connect(_ path: String) throws(MasterFailure) -> Int32 {
        try openSocket(path) { socket, address, size in
            var limit = timeval(tv_sec: patience / 1000, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            return Glibc.connect(socket, address, size) == 0
        }
    }

    /// Opens a socket for a path of any length: the address has room for 107 bytes, a descriptor's path for the rest.
    static func openSocket(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws(MasterFailure) -> Int32 {
        let parts = path.split(separator: "/")
        let directory = open("/" + parts.dropLast().joined(separator: "/"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { Glibc.close(directory) } }
        let short = "/proc/self/fd/\(directory)/\(parts.last ?? "")"
        guard directory >= 0, let address = UnixAddress(path) ?? UnixAddress(short) else {
            throw MasterFailure("\(path): \(String(cString: strerror(errno)))")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw MasterFailure("\(path): \(String(cString: strerror(errno)))") }
        guard address.with({ use(descriptor, $0, $1) }) else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw MasterFailure("\(path): \(reason)")
        }
        return descriptor
    }

    /// What the loop waits for.
    var interests: [(descriptor: Int32, wantsToWrite: Bool)] {
        // Those that are too many wait in the queue, and must not keep the loop awake. Each turn of it tries again.
        (clients.count < Self.clientLimit && !isShort ? [(descriptor, false)] : [])
            + clients.values.map { ($0.descriptor, !$0.response.isEmpty) }
    }

    /// Reads and writes what can be.
    ///
    /// - Returns: Commands that are complete, and clients that have gone.
    func serve() -> (commands: [(client: Int, ControlCommand)], gone: [Int]) {
        accept()
        var commands: [(client: Int, ControlCommand)] = []
        var gone: [Int] = []
        for (number, client) in clients {
            if !client.isAnswered { read(client) }
            if let line = client.request.firstIndex(of: 10), !client.isAnswered,
                client.request.count <= Self.requestLimit
            {
                let text = Array(client.request[..<line])
                client.request = []
                if let command = ControlCommand(text) {
                    client.isWaiting = true
                    client.due = MonotonicTime.milliseconds + Self.pulse
                    commands.append((number, command))
                } else {
                    answer(number, ControlReply(isSuccess: false, lines: ["no such command"]), status: .null)
                }
            }
            if !flush(client) || !isInTime(client) {
                remove(number)
                gone.append(number)
            }
        }
        return (commands, gone)
    }

    /// Gives a client that waits a sign of life.
    ///
    /// - Returns: `false` for one that keeps a place without using it.
    private func isInTime(_ client: Client) -> Bool {
        guard MonotonicTime.milliseconds >= client.due else { return true }
        guard client.isWaiting, !client.isAnswered, client.response.isEmpty else { return false }
        client.due = MonotonicTime.milliseconds + Self.pulse
        client.response = [UInt8(ascii: "\n")]
        return flush(client)
    }

    private func accept() {
        while clients.count < Self.clientLimit {
            let connection = hero_accept(descriptor)
            isShort = connection < 0 && (errno == EMFILE || errno == ENFILE)
            guard connection >= 0 else { return }
            clients[nextClient] = Client(connection)
            nextClient += 1
        }
    }

    private func read(_ client: Client) {
        var buffer = [UInt8](repeating: 0, count: Self.requestLimit)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(client.descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            client.request += buffer[..<count]
            // A command is short; who sends more means something else.
            if client.request.count > Self.requestLimit { client.isAnswered = true }
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            client.isAnswered = true
        }
    }

    /// - Returns: Whether the client is still there.
    private func flush(_ client: Client) -> Bool {
        while !client.response.isEmpty {
            let count = client.response.withUnsafeBytes {
                Glibc.send(client.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                client.response.removeFirst(count)
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        return !client.isAnswered
    }

    /// - Parameters:
    ///   - number: The client.
    ///   - reply: What it is told.
    ///   - status: The status, if that is the answer.
    func answer(_ number: Int, _ reply: ControlReply, status: JSON) {
        guard let client = clients[number] else { return }
        var answer: JSON.Object = [
            "ok": .bool(reply.isSuccess), "lines": .array(reply.lines.map(JSON.string)),
        ]
        if reply.isStatus { answer["status"] = status }
        client.response += Array((JSON.object(answer).description + "\n").utf8)
        client.isAnswered = true
        client.due = MonotonicTime.milliseconds + Self.patience
        if !flush(client) { remove(number) }
    }

    private func remove(_ number: Int) {
        guard let client = clients.removeValue(forKey: number) else { return }
        Glibc.close(client.descriptor)
    }

    /// Removes the file and takes no more commands; clients that are still there are kept.
    func close() {
        guard descriptor >= 0 else { return }
        if isInPlace { unlink(path) }
        // Those that have found the file just before wait for an answer, too.
        accept()
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Ends all conversations; who has had no answer learns why.
    func closeClients() {
        for (number, client) in clients {
            if !client.isAnswered {
                answer(number, ControlReply(isSuccess: false, lines: ["the cluster has stopped"]), status: .null)
            }
            remove(number)
        }
    }
}

extension ControlCommand {
    /// - Parameter text: What a client has sent, without the line break.
    init?(_ text: [UInt8]) {
        guard let json = try? JSON(parsing: text) else { return nil }
        func flag(_ name: String) -> Bool { json[name]?.boolValue ?? false }
        switch json["command"]?.stringValue {
        case "status": self = .status
        case "reload": self = .reload(wait: flag("wait"), force: flag("force"))
        case "rollback": self = .rollback
        case "scale":
            guard let count = json["workers"]?.intValue, (0...128).contains(count) else { return nil }
            self = .scale(count)
        case "stop": self = .stop
        case "release":
            guard let name = json["action"]?.stringValue else { return nil }
            self = .release(name)
        case "upgrade": self = .upgrade
        case "wait": self = .wait
        default: return nil
        }
    }

    var json: JSON {
        switch self {
        case .status: ["command": "status"]
        case .reload(let wait, let force): ["command": "reload", "wait": .bool(wait), "force": .bool(force)]
        case .rollback: ["command": "rollback"]
        case .scale(let count): ["command": "scale", "workers": .integer(count)]
        case .stop: ["command": "stop"]
        case .release(let name): ["command": "release", "action": .string(name)]
        case .upgrade: ["command": "upgrade"]
        case .wait: ["command": "wait"]
        }
    }
}
