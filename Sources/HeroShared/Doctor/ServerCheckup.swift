// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// Looks at the server behind one client.
struct ServerCheckup {
    let client: any RedisClient
    let place: RedisPlace
    /// Whether background jobs live there.
    let hasJobs: Bool
    let ourSeconds: @Sendable () -> Double

    /// - Returns: Whether it answers.
    func examine(_ findings: inout RedisFindings) async -> Bool {
        guard await reach(&findings) else { return false }
        await examineInsides(&findings)
        return true
    }

    /// - Returns: Whether it answers.
    func reach(_ findings: inout RedisFindings) async -> Bool {
        let start = ContinuousClock.now
        do throws(RedisError) {
            _ = try await client.send(RedisCommand("PING"))
        } catch {
            // Whom it does not allow a PING, or when it cannot save, it answers all the same.
            guard error.kind == .refused, ["NOPERM", "MISCONF"].contains(error.code) else {
                findings.note("reachable", error.message, (.error, Self.remedy(error)))
                return false
            }
        }
        let microseconds = (ContinuousClock.now - start) / Duration.microseconds(1)
        findings.note("reachable", "answers within \((microseconds / 10).rounded() / 100) ms")
        return true
    }

    /// What the server says of itself.
    func examineInsides(_ findings: inout RedisFindings) async {
        do throws(RedisError) {
            let reply = try await client.send(RedisCommand("INFO"))
            guard let text = reply.text else { throw RedisError(.invalid, "INFO is no text") }
            let info = RedisInfo(text)
            version(info, &findings)
            role(info, &findings)
            policy(info, &findings)
            persistence(info, &findings)
            limits(info, &findings)
            replicas(info, &findings)
        } catch {
            findings.note("INFO", error.message, (.error, "allow INFO for this user: ACL SETUSER … +info"))
        }
        await clock(&findings)
    }

    static func remedy(_ error: RedisError, ofSentinel isSentinel: Bool = false) -> String {
        let remedies: [(sign: String, remedy: String)] = [
            ("WRONGPASS", "correct \(isSentinel ? "redis.sentinel.user and redis.sentinel.password" : credentials)"),
            ("NOAUTH", "correct \(isSentinel ? "redis.sentinel.user and redis.sentinel.password" : credentials)"),
            ("unknown command 'SENTINEL'", "this server is no sentinel: correct redis.sentinel.nodes"),
            (
                "cluster support disabled",
                "this server is no cluster: name it in redis.url instead of redis.cluster.nodes"
            ),
            ("DB index", "correct redis.db, or the number in redis.url: the server has fewer databases"),
            ("LOADING", "wait until the server has loaded its data"),
            ("ertificate", "see redis.tls in config/redis.yml"), ("TLS", "see redis.tls in config/redis.yml"),
            ("NOPERM", "allow it for this user: ACL SETUSER"),
            ("no primary called", "start the sentinels, or correct redis.sentinel.nodes and redis.sentinel.name"),
        ]
        if let known = remedies.first(where: { error.message.contains($0.sign) }) { return known.remedy }
        return isSentinel
            ? "start the sentinel, or correct redis.sentinel.nodes"
            : "start the server, or correct redis.url, redis.host and redis.port"
    }

    private static let credentials = "redis.user and redis.password"

    private func version(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let version = info["redis_version"] ?? "unknown"
        let numbers = version.split(separator: ".").prefix(2).compactMap { Int($0) }
        let isRecent = numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 2)
        findings.note("version", version, isRecent ? nil : (.error, "use Redis 6.2 or later"))
    }

    private func role(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let role = info["role"] ?? "unknown"
        findings.note(
            "role", role, role == "master" ? nil : (.error, "connect to the primary, or use redis.mode sentinel"))
    }

    private func policy(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let policy = info["maxmemory_policy"] ?? "unknown"
        let isSafe = policy == "noeviction" || !hasJobs
        findings.note(
            "maxmemory-policy", policy,
            isSafe
                ? nil
                : (.error, "jobs would vanish: CONFIG SET maxmemory-policy noeviction, or a server for tasks only"))
    }

    private func persistence(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let isOn = info["aof_enabled"] == "1"
        findings.note(
            "append-only file", isOn ? "on" : "off",
            isOn ? nil : (.warning, "what is not in a snapshot is lost with the server: CONFIG SET appendonly yes"))
        for (name, check) in [
            ("rdb_last_bgsave_status", "last snapshot"), ("aof_last_bgrewrite_status", "last rewrite of the file"),
            ("aof_last_write_status", "last write to the file"),
        ] as [(Substring, String)] {
            guard let status = info[name] else { continue }
            findings.note(
                check, status,
                status == "ok" ? nil : (.warning, "look at the server's log; the disk may be full or read-only"))
        }
    }

    private func limits(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let (used, limit) = (info.number("used_memory") ?? 0, info.number("maxmemory") ?? 0)
        let isFull = limit > 0 && used > limit / 10 * 9
        findings.note(
            "memory", "\(used >> 20) MB of \(limit == 0 ? "any" : "\(limit >> 20) MB")",
            isFull ? (.warning, "raise maxmemory before writes are refused") : nil)
        let rejected = info.number("rejected_connections") ?? 0
        let (clients, most) = (info.number("connected_clients") ?? 0, info.number("maxclients") ?? 0)
        let isCrowded = rejected > 0 || most > 0 && clients > most / 10 * 9
        findings.note(
            "clients", "\(clients) of \(most), \(rejected) were rejected",
            isCrowded ? (.warning, "raise maxclients") : nil)
    }

    private func replicas(_ info: RedisInfo, _ findings: inout RedisFindings) {
        let count = info.number("connected_slaves") ?? 0
        let needsReplicas = if case .sentinel = place.kind { true } else { false }
        let lags = info.replicas.map { Int(RedisInfo.field("lag", of: $0) ?? "") ?? 0 }
        let away = info.replicas.filter { RedisInfo.field("state", of: $0) != "online" }.count
        let text = count == 0 ? "none" : "\(count), \(lags.max() ?? 0) s behind at most"
        var problem: (RedisFinding.Level, String)?
        if count == 0, needsReplicas { problem = (.warning, "nothing can take over: start a replica") }
        if away > 0 || (lags.max() ?? 0) > 10 {
            problem = (.warning, "replicas do not follow; look at their logs and at the network")
        }
        findings.note("replicas", text, problem)
        guard needsReplicas || count > 0 else { return }
        // INFO has this line only when the setting is above 0; CONFIG, which would tell the number, is often forbidden.
        let isGuarded = info["min_slaves_good_slaves"] != nil
        findings.note(
            "min-replicas-to-write",
            isGuarded ? "set, \(info["min_slaves_good_slaves"] ?? "0") can be counted on" : "0",
            isGuarded || !needsReplicas
                ? nil
                : (
                    .warning,
                    "a primary that is cut off goes on taking writes, which the failover throws away: "
                        + "CONFIG SET min-replicas-to-write 1"
                ))
    }

    private func clock(_ findings: inout RedisFindings) async {
        guard let reply = try? await client.send(RedisCommand("TIME")), let parts = reply.elements, parts.count == 2,
            let seconds = Double(parts[0].text ?? ""), let fraction = Double(parts[1].text ?? "")
        else { return }
        let difference = seconds + fraction / 1_000_000 - ourSeconds()
        let text = "\((difference * 1000).rounded() / 1000) s from ours"
        findings.note(
            "clock", text,
            abs(difference) > 1 ? (.warning, "set both clocks with NTP: leases and delays rely on it") : nil)
    }
}
