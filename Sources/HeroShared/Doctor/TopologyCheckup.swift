// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import NIOCore

/// Looks at what stands around the servers: sentinels, or the nodes of a cluster.
struct TopologyCheckup {
    let plan: RedisPlan
    let loop: any EventLoop

    func sentinels(_ place: RedisPlace, _ findings: inout RedisFindings) async {
        guard let settings = plan.sentinelSettings(place) else { return }
        var answers: Set<String> = []
        for address in settings.sentinels {
            let client = StandaloneClient(settings.connection(to: address), on: loop)
            do throws(RedisError) {
                let reply = try await client.send(
                    RedisCommand("SENTINEL", "get-master-addr-by-name", RedisArgument(settings.name)))
                let words = reply.elements?.compactMap(\.text) ?? []
                if words.count == 2 {
                    answers.insert("\(words[0]):\(words[1])")
                    findings.note("sentinel \(address)", "\(settings.name) is \(words[0]):\(words[1])")
                    await quorum(client, settings.name, &findings)
                } else {
                    findings.note(
                        "sentinel \(address)", "does not know \(settings.name)",
                        (.error, "correct redis.sentinel.name, or add SENTINEL MONITOR there"))
                }
            } catch {
                let remedy = ServerCheckup.remedy(error, ofSentinel: true)
                findings.note("sentinel \(address)", error.message, (.error, remedy))
            }
            await client.close()
        }
        if answers.count > 1 {
            findings.note(
                "sentinels agree", answers.sorted().joined(separator: ", "),
                (.error, "wait for the failover to end, then SENTINEL RESET on those that are wrong"))
        }
    }

    private func quorum(_ client: StandaloneClient, _ name: String, _ findings: inout RedisFindings) async {
        do throws(RedisError) {
            let reply = try await client.send(RedisCommand("SENTINEL", "CKQUORUM", RedisArgument(name)))
            findings.note("quorum", reply.text ?? "reachable")
        } catch {
            findings.note("quorum", error.message, (.error, "start the missing sentinels, or lower the quorum"))
        }
    }

    func cluster(_ client: any RedisClient, _ findings: inout RedisFindings) async {
        do throws(RedisError) {
            let info = RedisInfo(try await client.send(RedisCommand("CLUSTER", "INFO")).text ?? "")
            let state = info["cluster_state"] ?? "unknown"
            findings.note(
                "cluster state", state, state == "ok" ? nil : (.error, "redis-cli --cluster check; --cluster fix"))
            let slots = info.number("cluster_slots_ok") ?? 0
            findings.note(
                "slots served", "\(slots) of 16384",
                slots == 16_384 ? nil : (.error, "redis-cli --cluster fix, or start the nodes that are down"))
            let ranges = try await client.send(RedisCommand("CLUSTER", "SLOTS")).elements ?? []
            let bare = ranges.filter { ($0.elements?.count ?? 0) < 4 }.count
            findings.note(
                "replicas of primaries", bare == 0 ? "every primary has one" : "\(bare) ranges of slots have none",
                bare == 0 ? nil : (.warning, "add replicas: redis-cli --cluster add-node --cluster-slave"))
        } catch {
            findings.note("cluster state", error.message, (.error, ServerCheckup.remedy(error)))
        }
    }
}
