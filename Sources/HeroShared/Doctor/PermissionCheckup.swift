// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRedis
internal import HeroRuntime

/// Tries what a role does, on keys and channels of the names that it uses.
struct PermissionCheckup {
    let application: HeroApplication
    let clients: RedisClients
    /// Distinguishes the keys of this examination.
    let mark: String
    /// How long a message may be on its way.
    let patience: Duration

    func cache(_ findings: inout RedisFindings) async {
        let key = "\(application.core.general.cachePrefix)hero-doctor-\(mark)"
        await attempt("writes cache entries", &findings) { () throws(RedisError) in
            _ = try await clients.client.send(RedisCommand("SET", RedisArgument(key), "1", "PX", "10000"))
            _ = try await clients.client.send(RedisCommand("GET", RedisArgument(key)))
            _ = try await clients.client.send(RedisCommand("DEL", RedisArgument(key)))
        }
        let lock = "\(application.core.general.lockPrefix)hero-doctor-\(mark)"
        await script(clients.client, lock, &findings)
    }

    func jobs(_ findings: inout RedisFindings) async {
        let key = "\(application.core.tasks.namespace):hero-doctor-\(mark)"
        await attempt("writes jobs", &findings) { () throws(RedisError) in
            _ = try await clients.tasks.send(RedisCommand("RPUSH", RedisArgument(key), "1"))
            _ = try await clients.tasks.send(
                RedisCommand("LMOVE", RedisArgument(key), RedisArgument(key), "LEFT", "RIGHT"))
            _ = try await clients.tasks.send(RedisCommand("DEL", RedisArgument(key)))
        }
        await script(clients.tasks, key, &findings)
    }

    func messages(_ findings: inout RedisFindings) async {
        // What other processes take for a message of theirs, and pass over.
        let channel = application.core.general.channel
        await attempt("subscribes and publishes", &findings) { () throws(RedisError) in
            let subscription = try await clients.subscriber.subscribe(channels: [channel], patterns: [])
            _ = try await clients.client.send(
                RedisCommand("PUBLISH", RedisArgument(channel), RedisArgument(probe)))
            guard await arrives(subscription) else { throw RedisError(.invalid, Self.lost) }
        }
    }

    private static let lost = "what `client` publishes does not reach `subscriber`"

    /// - Returns: Whether the probe comes in time: another server never brings it.
    private func arrives(_ subscription: RedisSubscription) async -> Bool {
        let (probe, patience) = (probe, patience)
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await event in subscription {
                    if case .message(_, _, let payload) = event, payload == probe { return true }
                }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// A message of a type that nobody takes.
    private var probe: [UInt8] {
        let token = application.core.general.serverToken
        return Array(
            JSON.object(["messageType": "hero-doctor", "serverToken": .string(token), "mark": .string(mark)])
                .description.utf8)
    }

    private func script(_ client: any RedisClient, _ key: String, _ findings: inout RedisFindings) async {
        await attempt("runs scripts", &findings) { () throws(RedisError) in
            let script = RedisScript("return redis.call('exists', KEYS[1])")
            _ = try await client.run(script, keys: [RedisArgument(key)], arguments: [], isRepeatable: true)
        }
    }

    private func attempt(
        _ check: String, _ findings: inout RedisFindings, _ body: () async throws(RedisError) -> Void
    ) async {
        do throws(RedisError) {
            try await body()
            findings.note(check, "yes")
        } catch {
            let remedy =
                switch error.code {
                case "NOPERM": "allow it for this user: ACL SETUSER, with our key and channel patterns"
                case "MISCONF": "the server refuses writes because it cannot save; look at its log and its disk"
                case "OOM": "the server's memory is full: raise maxmemory"
                case "READONLY": "this is a replica: connect to the primary"
                case "CLUSTERDOWN": "the cluster has to serve all slots: redis-cli --cluster check; --cluster fix"
                default:
                    error.message == Self.lost
                        ? "redis.client and redis.subscriber have to lead to the same server" : "see the error"
                }
            findings.note(check, error.message, (.error, remedy))
        }
    }
}
