// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A `redis-server` of a test's own, in a directory that goes away with the object; killed with it.
package final class RedisServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Where it listens.
    package enum Listening: Sendable {
        /// On a Unix socket only.
        case socket
        /// On a free port of 127.0.0.1 and on a Unix socket.
        case port
        /// With TLS only on a free port of 127.0.0.1, without on the Unix socket; clients need a certificate when it is
        /// asked for.
        case tls(CertificateAuthority.Pair, authority: String, asksForCertificates: Bool)
    }

    package let project: TestProject
    /// 0 when it listens on the Unix socket only; the same after a restart.
    package let port: Int
    private let arguments: [String]
    private let process: Mutex<RunningHero>

    /// Starts it and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - listening: Where.
    ///   - password: What clients must know.
    ///   - settings: More lines of its configuration, without `--`; for example `["appendonly yes"]`.
    ///   - isSentinel: Whether it is a sentinel; its configuration is written to `sentinel.conf`, which it changes.
    ///   - asCluster: Whether it is a node of a cluster.
    /// - Throws: An error with everything it wrote when it ends at once.
    package init(
        _ listening: Listening = .port, password: String? = nil, settings: [String] = [], isSentinel: Bool = false,
        asCluster: Bool = false
    ) async throws {
        project = try TestProject()
        for attempt in 1... {
            var port = 0
            if case .socket = listening {} else { port = try Self.freePort(alsoBus: asCluster) }
            var lines = Self.lines(listening, port, password) + settings
            if asCluster { lines += ["cluster-enabled yes", "cluster-config-file nodes.conf"] }
            try project.write(lines.joined(separator: "\n") + "\n", to: isSentinel ? "sentinel.conf" : "redis.conf")
            let arguments = isSentinel ? ["sentinel.conf", "--sentinel"] : ["redis.conf"]
            let running = try Self.start(arguments, project)
            do {
                try await Self.waitUntilReady(running, isSentinel: isSentinel)
            } catch {
                // Another program took the port meanwhile.
                guard attempt < 5, "\(error)".contains("ddress already in use") else { throw error }
                continue
            }
            self.port = port
            self.arguments = arguments
            process = Mutex(running)
            return
        }
        throw Failure(description: "no port is free")
    }

    private static func lines(_ listening: Listening, _ port: Int, _ password: String?) -> [String] {
        var lines = [
            "bind 127.0.0.1", "unixsocket redis.sock", "unixsocketperm 700", "save \"\"", "daemonize no",
            "loglevel notice",
        ]
        switch listening {
        case .socket: lines.append("port 0")
        case .port: lines.append("port \(port)")
        case .tls(let pair, let authority, let asksForCertificates):
            lines += [
                "port 0", "tls-port \(port)", "tls-cert-file \(pair.certificate)", "tls-key-file \(pair.key)",
                "tls-ca-cert-file \(authority)", "tls-auth-clients \(asksForCertificates ? "yes" : "no")",
            ]
        }
        if let password { lines.append("requirepass \"\(password)\"") }
        return lines
    }

    private static func start(_ arguments: [String], _ project: TestProject) throws -> RunningHero {
        try RunningHero(arguments, executable: "redis-server", directory: project.root, environment: [:])
    }

    private static func waitUntilReady(_ running: RunningHero, isSentinel: Bool) async throws {
        try await running.line(containing: isSentinel ? "Sentinel ID is" : "ready to accept connections at")
    }

    /// A port that nobody uses; another program may be faster.
    private static func freePort(alsoBus: Bool) throws -> Int {
        for _ in 1...50 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
                }
            }
            let port = Int(in_port_t(bigEndian: address.sin_port))
            // A cluster's nodes talk to one another on a port 10,000 higher.
            if result, !alsoBus || port + 10_000 < 65_536 { return port }
        }
        throw Failure(description: "no free port: \(String(cString: strerror(errno)))")
    }

    /// The path of its Unix socket.
    package var socketPath: String { project.path("redis.sock") }
    package var running: RunningHero { process.withLock { $0 } }
    package var identifier: Int32 { running.identifier }
    package func send(_ signal: Int32) { running.send(signal) }

    /// Kills it and waits until it is gone.
    package func kill() async throws {
        send(SIGKILL)
        try await running.exitCode()
    }

    /// Starts it again, with the same configuration, port and data.
    package func restart() async throws {
        try await kill()
        let running = try Self.start(arguments, project)
        process.withLock { $0 = running }
        try await Self.waitUntilReady(running, isSentinel: arguments.contains("--sentinel"))
    }

    /// What `redis-cli` prints for a command, without the last line's end.
    @discardableResult
    package func cli(_ words: String...) async throws -> String { try await cli(words) }

    /// What `redis-cli` prints for a command, without the last line's end.
    @discardableResult
    package func cli(_ words: [String]) async throws -> String {
        let finished = try await Program.run(
            "redis-cli", ["-s", socketPath] + words, directory: project.root, environment: [:])
        guard finished.code == 0 else { throw Failure(description: finished.error + finished.output) }
        return finished.output.trimmingCharacters(in: .newlines)
    }
}
