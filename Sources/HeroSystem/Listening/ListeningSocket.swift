// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// A listening socket that this process keeps, whoever accepts from it.
///
/// The event loop gets a duplicate. Closing that leaves this one and the queue of waiting connections open, so they are
/// served by whatever accepts next: another worker, or this process after it has replaced itself.
package final class ListeningSocket: Sendable {
    package let address: ListenAddress
    private let state: Mutex<Int32>
    /// The file of a Unix socket that is this process's to change and to remove.
    private let file: UnixSocketFile?

    /// Opens, binds and listens.
    ///
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - access: Who may connect to a Unix socket.
    /// - Throws: ``ListenError``, also where something lies at the path of a Unix socket that is not left from this user's
    ///   own processes.
    package init(_ address: ListenAddress, access: SocketAccess = SocketAccess()) throws(ListenError) {
        self.address = address
        switch address {
        case .tcp(let host, let port):
            state = Mutex(try Self.openTCP(host: host, port: port))
            file = nil
        case .unix(let path):
            let opened = try Self.openUnix(path, access)
            state = Mutex(opened.descriptor)
            file = opened.file
        }
    }

    /// Takes over a socket that listens already, for example one that was inherited.
    ///
    /// - Parameters:
    ///   - descriptor: The socket.
    ///   - address: Where it listens.
    ///   - ownsFile: `false` when whoever opened a Unix socket goes on using its file, as systemd does.
    package init(inherited descriptor: Int32, address: ListenAddress, ownsFile: Bool = true) {
        self.address = address
        if case .unix(let path) = address, ownsFile, case .own(let found) = UnixSocketFile.look(path) {
            file = found
        } else {
            file = nil
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        state = Mutex(descriptor)
    }

    package var descriptor: Int32 { state.withLock { $0 } }

    /// Another descriptor for the same socket, for the caller to close.
    ///
    /// - Throws: ``ListenError``.
    package func duplicate() throws(ListenError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListenError(address, "duplicate", errno) }
        return copy
    }

    /// The port that is really listened on, which differs from the configured one when that is 0.
    package var boundPort: Int? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard code == 0 else { return nil }
        return withUnsafePointer(to: storage) { pointer -> Int? in
            switch Int32(storage.ss_family) {
            case AF_INET:
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            case AF_INET6:
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin6_port))
                }
            default: nil
            }
        }
    }

    /// The file that a Unix socket is bound to.
    package var boundPath: String? {
        var name = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard code == 0, name.sun_family == sa_family_t(AF_UNIX) else { return nil }
        return withUnsafeBytes(of: name.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Closes the socket and removes its file, if that is its own.
    package func close() {
        state.withLock { descriptor in
            guard descriptor >= 0 else { return }
            Glibc.close(descriptor)
            descriptor = -1
            file?.remove()
        }
    }

    /// Changes who may connect.
    ///
    /// - Throws: ``ListenError``.
    package func grant(_ access: SocketAccess) throws(ListenError) {
        guard let file else { return }
        let code = file.grant(access)
        if code != 0 { throw ListenError(address, "chmod", code) }
    }

    private static func openTCP(host: String, port: Int) throws(ListenError) -> Int32 {
        let address = ListenAddress.tcp(host: host, port: port)
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = list?.pointee else {
            throw ListenError(address, reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // A machine without IPv6 has no `::`; listen on all its IPv4 addresses then.
        if descriptor < 0, errno == EAFNOSUPPORT, host == "::" { return try openTCP(host: "0.0.0.0", port: port) }
        guard descriptor >= 0 else { throw ListenError(address, "open", errno) }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if first.ai_family == AF_INET6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard Glibc.bind(descriptor, first.ai_addr, first.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            if code == EADDRNOTAVAIL, host == "::" { return try openTCP(host: "0.0.0.0", port: port) }
            throw ListenError(address, "listen", code)
        }
        return descriptor
    }

    /// Connections that wait while all processes are busy or being replaced.
    ///
    /// The kernel lowers it to its own limit.
    private static let backlog: Int32 = 4096

    private static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

// Unix sockets.
extension ListeningSocket {
    private static func openUnix(
        _ path: String, _ access: SocketAccess
    ) throws(ListenError) -> (descriptor: Int32, file: UnixSocketFile) {
        let address = ListenAddress.unix(path: path)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: name.sun_path)
        guard path.utf8.count < capacity else {
            throw ListenError(address, reason: "the path is longer than \(capacity - 1) bytes")
        }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ListenError(address, "open", errno) }
        do throws(ListenError) {
            // The file begins with these: nobody is to connect before its permissions are those that are wanted.
            fchmod(descriptor, access.mode & 0o600)
            if !bind(descriptor, name) {
                let code = errno
                guard code == EADDRINUSE else { throw ListenError(address, "listen", code) }
                try removeStale(path, name)
                guard bind(descriptor, name) else { throw ListenError(address, "listen", errno) }
            }
            guard case .own(let file) = UnixSocketFile.look(path) else {
                throw ListenError(address, "listen", EADDRINUSE)
            }
            do throws(ListenError) {
                guard listen(descriptor, backlog) == 0 else { throw ListenError(address, "listen", errno) }
                let code = file.grant(access)
                guard code == 0 else { throw ListenError(address, access, code) }
            } catch {
                file.remove()
                throw error
            }
            return (descriptor, file)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Removes what a process that is gone has left, and nothing else.
    private static func removeStale(_ path: String, _ name: sockaddr_un) throws(ListenError) {
        func refusal(_ reason: String) -> ListenError {
            ListenError(.unix(path: path), "listen", EADDRINUSE, because: reason)
        }
        switch UnixSocketFile.look(path) {
        case .nothing: break
        case .foreign(let what):
            throw refusal("\(what) is there, which hero does not remove; remove it, or choose another path")
        case .own(let file):
            guard isStale(name) else { throw refusal("another process listens there") }
            guard file.remove() else { throw refusal("the socket that is left there cannot be removed") }
        }
    }

    private static func bind(_ descriptor: Int32, _ name: sockaddr_un) -> Bool {
        withAddress(name) { Glibc.bind(descriptor, $0, $1) == 0 }
    }

    private static func isStale(_ name: sockaddr_un) -> Bool {
        // A listener whose queue is full must not be waited for.
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let probe = socket(AF_UNIX, Int32(kind), 0)
        guard probe >= 0 else { return false }
        defer { Glibc.close(probe) }
        return withAddress(name) { connect(probe, $0, $1) != 0 && errno == ECONNREFUSED }
    }

    private static func withAddress<T>(_ name: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        withUnsafePointer(to: name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
