// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// Names of everything that jobs have in Redis: Resque's own keys and ours, below one namespace.
package struct JobKeys: Sendable, Hashable {
    /// What all keys begin with; node-resque's and Ruby Resque's is `resque`.
    package let namespace: String

    /// - Parameters:
    ///   - namespace: What all keys begin with.
    ///   - isCluster: Whether it is a Redis Cluster, where all keys of a script have to be in one slot.
    /// - Throws: ``RedisError`` of kind `invalid` when the namespace is empty or has no hash tag although it needs one.
    package init(namespace: String, isCluster: Bool) throws(RedisError) {
        guard !namespace.isEmpty else {
            throw RedisError(.invalid, "tasks.namespace is empty: all keys of jobs begin with it, as in resque:queue:x")
        }
        guard !isCluster || HashSlot.hasTag(namespace) else {
            throw RedisError(
                .invalid,
                "tasks.namespace is \(namespace): in a Redis Cluster the keys of jobs have to be in one slot, which a part "
                    + "in braces says. Set it to {\(namespace)}, also in other programs that share the jobs")
        }
        self.namespace = namespace
    }

    /// Parts that are empty are left out, as node-resque does.
    package func key(_ parts: String...) -> RedisArgument {
        RedisArgument(parts.reduce(namespace) { $1.isEmpty ? $0 : $0 + ":" + $1 })
    }
}

extension JobKeys {
    /// Bytes as a pattern of Redis that stands for nothing but them.
    static func literal(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if "*?[]\\^-".utf8.contains(byte) { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

// Resque's, which other programs share.
extension JobKeys {
    /// The names of all queues, and of the channel in which we say that there is a new one.
    package var queues: RedisArgument { key("queues") }
    package func queue(_ name: String) -> RedisArgument { key("queue", name) }
    /// A queue of another program, whose name may be no text.
    package func queue(bytes name: [UInt8]) -> RedisArgument {
        RedisArgument(Array("\(namespace):queue:".utf8) + name)
    }
    package var schedule: RedisArgument { key("delayed_queue_schedule") }
    /// The list of jobs that are due at a Unix time in seconds.
    package func delayed(_ seconds: Int) -> RedisArgument { key("delayed", String(seconds)) }
    /// When a job is due, as members `delayed:<seconds>`; its bytes are a part of the name.
    package func timestamps(_ job: [UInt8]) -> RedisArgument {
        RedisArgument(Array("\(namespace):timestamps:".utf8) + job)
    }
    package var workers: RedisArgument { key("workers") }
    package var failed: RedisArgument { key("failed") }
    package func stat(_ name: String) -> RedisArgument { key("stat", name) }
    /// What a worker works on, `<name>:<queues>`; absent when it is idle.
    package func worker(_ registration: String) -> RedisArgument { key("worker", registration) }
    package func started(_ registration: String) -> RedisArgument { key("worker", registration, "started") }
    package func ping(_ worker: String) -> RedisArgument { key("worker", "ping", worker) }
    package func stat(_ name: String, _ worker: String) -> RedisArgument { key("stat", name, worker) }
    package var leaderLock: RedisArgument { key("resque_scheduler_leader_lock") }
    /// What node-resque before version 7 and Ruby's resque-scheduler take instead of ``leaderLock``.
    package var masterLock: RedisArgument { key("resque_scheduler_master_lock") }
}

// Ours.
extension JobKeys {
    package var leases: RedisArgument { key("leases") }
    package func held(_ owner: String) -> RedisArgument { key("held", owner) }
    package var owners: RedisArgument { key("owners") }
    package var retry: RedisArgument { key("retry") }
    package var dead: RedisArgument { key("dead") }
    package var kept: RedisArgument { key("kept") }
    package var attempts: RedisArgument { key("attempts") }
    package var idle: RedisArgument { key("idle") }
    /// The leader of the schedulers, if it is ours → when it last said so, and for how long that is good.
    package var leading: RedisArgument { key("leading") }
    package var recurrent: RedisArgument { key("recurrent") }
    package var reaper: RedisArgument { key("reaper") }
    package func unique(_ name: String) -> RedisArgument { key("unique", name) }
    /// Names of queues that nobody takes from, `*` for all.
    package var paused: RedisArgument { key("paused") }
    /// SHA-1 of a payload → the moment from which on it is too old, ms.
    package var deadlines: RedisArgument { key("deadlines") }
    /// Ids of jobs of a task that run, where their number is limited.
    package func running(_ task: String) -> RedisArgument { key("running", task) }
    /// The last starts of a task whose rate is limited, ms.
    package func starts(_ task: String) -> RedisArgument { key("starts", task) }
    /// Status, progress and result of a job whose enqueuer asked for them.
    package func job(_ id: String) -> RedisArgument { key("job", id) }
    /// Where a long job goes on, by the SHA-1 of its payload.
    package func cursor(_ digest: String) -> RedisArgument { key("cursor", digest) }
    /// SHA-1 of the payloads of such jobs → until when, ms: a claim says which of its jobs are among them.
    package var cursors: RedisArgument { key("cursors") }
    package func batch(_ id: String) -> RedisArgument { key("batch", id) }
    /// Ids of the jobs of a batch that have not ended.
    package func batchJobs(_ id: String) -> RedisArgument { key("batch", id, "jobs") }
    /// Ids of batches that wait for what follows them.
    package var endedBatches: RedisArgument { key("batches", "ended") }
    /// Jobs that were seen in queues, by the queue: see ``AgeMarks``.
    package var ages: RedisArgument { key("ages") }
    /// When the leader last looked, and the counters that it saw.
    package var looked: RedisArgument { key("looked") }
}
