// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// A listening socket that systemd has opened.
struct ActivatedSocket: Codable, Sendable, Hashable {
    /// `FileDescriptorName=` of the socket unit; its file name when there is none.
    let name: String
    let descriptor: Int32
}

/// What systemd and this process tell each other (sd_notify(3), sd_listen_fds(3)).
struct Systemd {
    /// Variables that are for the master alone.
    static let variables = [
        "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
    ]

    private let socketPath: String?
    /// How often it wants to hear from the master, in milliseconds; `nil` for never.
    let watchdogInterval: Int?

    init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = isOurs ? environment["WATCHDOG_USEC"].flatMap { Int($0) } : nil
        watchdogInterval = microseconds.map { max($0 / 2000, 1) }
    }

    /// Listening sockets that were handed over.
    static func activatedSockets(environment: [String: String]) -> [ActivatedSocket] {
        guard environment["LISTEN_PID"] == String(getpid()),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...64).contains(count)
        else { return [] }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return (0..<count).map { position in
            let descriptor = 3 + position
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let name = names.indices.contains(Int(position)) ? String(names[Int(position)]) : ""
            return ActivatedSocket(name: name, descriptor: descriptor)
        }
    }

    func notify(_ state: SystemdState) {
        switch state {
        case .ready(let text): send("READY=1\nSTATUS=\(line(text))")
        case .reloading(let text):
            send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.microseconds)\nSTATUS=\(line(text))")
        case .status(let text): send("STATUS=\(line(text))")
        case .stopping: send("STOPPING=1\nSTATUS=stopping")
        }
    }

    /// One of these that is lost is followed by another.
    func keepAlive() { send("WATCHDOG=1", waits: false) }

    /// A second line would be another assignment: a worker's words are part of this text.
    private func line(_ text: String) -> String {
        String(text.prefix(400)).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func send(_ text: String, waits: Bool = true) {
        guard let socketPath, let address = UnixAddress(socketPath) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // The service manager waits for READY=1 for ever when its queue happens to be full; but not longer than that, since
        // the workers wait for the master.
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        let bytes = Array(text.utf8)
        _ = address.with { pointer, size in
            bytes.withUnsafeBytes {
                sendto(descriptor, $0.baseAddress, $0.count, flags, pointer, size)
            }
        }
    }
}
