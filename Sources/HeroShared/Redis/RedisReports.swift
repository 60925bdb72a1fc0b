// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroRedis
internal import HeroRuntime
internal import Synchronization

/// Writes what happens to connections into the log, and says whether the process can work.
final class RedisReports: Sendable {
    private let log: LogRouter
    private let readiness: Readiness
    /// Whether a lost connection means that no requests should come.
    private let isRequired: Bool
    private let connected = Mutex<Set<RedisRole>>([])

    init(_ application: HeroApplication) {
        log = application.log
        readiness = application.readiness
        isRequired = application.configuration.value(at: "web.health.redis")?.boolValue ?? true
    }

    func write(_ level: LogLevel, _ message: String) { log.write(level: level, message: message, data: []) }

    func take(_ role: RedisRole, _ event: RedisClientEvent) {
        let name = "Redis connection `\(role.rawValue)`"
        switch event {
        case .connecting(let endpoint, let attempt):
            if attempt == 0 { awaitFirst(role) }
            log.write(
                level: attempt == 0 ? .debug : .info,
                message: "\(name) \(attempt == 0 ? "connecting" : "reconnecting")",
                data: [("server", .string("\(endpoint)"))])
        case .ready(let endpoint):
            connected.withLock { _ = $0.insert(role) }
            let data: [(name: String, value: JSON)] = [("server", .string("\(endpoint)"))]
            log.write(level: .debug, message: "\(name) connected", data: data)
            log.write(level: .debug, message: "\(name) ready", data: data)
            readiness.report("redis \(role.rawValue)", nil)
        case .failed(let error, let attempt, let retry): failed(role, error, attempt, retry)
        case .unverified(let endpoint):
            log.write(
                level: .warning, message: "the certificate of Redis is not checked (redis.tls.verify)",
                data: [("server", .string("\(endpoint)"))])
        case .closed: log.write(level: .debug, message: "\(name) closed", data: [])
        }
    }

    /// A server that accepts connections and says nothing has not failed yet, and is of no use either.
    private func awaitFirst(_ role: RedisRole) {
        // Jobs connect when they are first used, which is no reason to take no requests meanwhile.
        guard isRequired, role != .tasks, !connected.withLock({ $0.contains(role) }) else { return }
        readiness.report("redis \(role.rawValue)", "no connection to Redis yet")
    }

    private func failed(_ role: RedisRole, _ error: RedisError, _ attempt: Int, _ retry: Int) {
        let wasConnected = connected.withLock { $0.remove(role) != nil }
        let data: [(name: String, value: JSON)] = [
            ("role", .string(role.rawValue)), ("error", .string(error.message)), ("retryMilliseconds", .integer(retry)),
        ]
        if wasConnected {
            log.write(level: .alert, message: "lost the connection to Redis", data: data)
        } else if error.code == "LOADING" {
            // Usual after each start of a server that has data; nothing is wrong with the configuration.
            log.write(level: .info, message: "Redis is still loading its data", data: data)
        } else if attempt == 0 {
            log.write(
                level: .alert, message: "Unable to connect to Redis - please check your Redis config!",
                data: data + [("help", "hero redis doctor")])
        } else {
            log.write(level: .info, message: "no connection to Redis yet", data: data)
        }
        if isRequired { readiness.report("redis \(role.rawValue)", "no connection to Redis: \(error.message)") }
    }
}
