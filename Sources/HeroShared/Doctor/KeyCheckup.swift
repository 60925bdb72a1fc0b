// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRedis
internal import HeroRuntime

/// Looks at what lies under the names that the framework uses.
struct KeyCheckup {
    let application: HeroApplication
    let clients: RedisClients

    /// Keys that are looked at; a large database would take long.
    private static let most = 10_000
    private static let batch = 100

    /// A lock that does not expire was left by a process that died between taking it and giving it a time, as those of the
    /// reference may; nobody gets it any more.
    func locks(_ findings: inout RedisFindings) async {
        do throws(RedisError) {
            let (names, isAll) = try await lockNames()
            var eternal: [String] = []
            for start in stride(from: 0, to: names.count, by: Self.batch) {
                let batch = names[start..<min(start + Self.batch, names.count)]
                let replies = await clients.client.send(
                    batch.map { RedisCommand("PTTL", RedisArgument($0), isRepeatable: true) })
                for (name, reply) in zip(batch, replies) where try reply.get().integer == -1 { eternal.append(name) }
            }
            let text = isAll ? "\(names.count)" : "the first \(names.count)"
            findings.note(
                "locks", eternal.isEmpty ? "\(text), all of them expire" : "\(eternal.count) of \(text) never expire",
                eternal.first.map { (.warning, "whoever held them is gone; remove them: redis-cli DEL \($0)") })
        } catch {
            findings.note("locks", error.message, (.warning, "allow SCAN and PTTL for this user: ACL SETUSER"))
        }
    }

    private func lockNames() async throws(RedisError) -> (names: [String], isAll: Bool) {
        var names: [String] = []
        for try await name in clients.client.scan(
            matching: GlobPattern.prefix(application.core.general.lockPrefix), count: 1000)
        {
            guard names.count < Self.most else { return (names, false) }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return (names, true)
    }

    /// All keys of one job have to be in one slot, because one script touches them.
    func namespace(isCluster: Bool, _ findings: inout RedisFindings) {
        guard isCluster else { return }
        let namespace = application.core.tasks.namespace
        let hasTag = HashSlot.hasTag(namespace)
        findings.note(
            "tasks.namespace", namespace,
            hasTag
                ? nil
                : (.error, "jobs cannot run in a Redis Cluster: set tasks.namespace to \"{\(namespace)}\", everywhere"))
    }
}
