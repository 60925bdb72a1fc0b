// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

// What operators are shown.
extension ClusterMachine {
    /// The state of the last or the current deploy.
    var state: String {
        if stop != nil { return "stopping" }
        switch deploy {
        case .checking: return "checking"
        case .candidate: return "candidate"
        case .rolling(let roll): return roll.purpose == .rollback ? "rolling back" : "rolling"
        case nil: break
        }
        if probation != nil { return "probation" }
        if serving.isEmpty { return expected > 0 ? "down" : "drained" }
        return lastRejection.isEmpty ? "steady" : "rejected"
    }

    /// One line that a person can read, without what changes by the second.
    var situation: String {
        var text = serviceByGeneration
        if expectedBeforePause != nil { text += "; drained by SIGWINCH" }
        if serving.count < expected, !lastCrash.isEmpty { text += "; last crash: \(lastCrash)" }
        if !quarantine.names.isEmpty { text += "; in quarantine: \(quarantine.names.sorted().joined(separator: ", "))" }
        return text
    }

    /// How many workers serve the generation that is wanted, and how many still another one.
    private var serviceByGeneration: String {
        guard let current else { return "\(serving.count) of \(expected) workers serve no generation" }
        let others = Dictionary(grouping: serving.map(\.generation).filter { $0 != current }) { $0 }
        let isRootNamed = others.keys.contains { $0.root != current.root }
        func name(_ generation: GenerationID) -> String {
            // Every release may have its own generation 1.
            isRootNamed ? "\(generation) of \(generation.root)" : "\(generation)"
        }
        let own = serving.count { $0.generation == current }
        var text = "\(own) of \(expected) workers serve \(name(current))"
        for (generation, workers) in others.sorted(by: { ($0.key.number, $0.key.root) < ($1.key.number, $1.key.root) })
        {
            text += ", \(workers.count) still \(workers.count == 1 ? "serves" : "serve") \(name(generation))"
        }
        return text
    }

    /// One line that a person can read.
    var summary: String {
        var text = situation
        if let downSince { text += "; none for \(Self.text(milliseconds: now - downSince))" }
        if let next = vacancies.map(\.retryAt).min(), next > now {
            text += "; \(vacancies.count) to be replaced, next try in \((next - now + 999) / 1000) s"
        }
        return text
    }

    /// Everything that operators may want to know.
    ///
    /// - Parameter counters: What the workers have counted, by serial.
    /// - Returns: An object.
    package func status(_ counters: [Int: WorkerCounters]) -> JSON {
        let list = workers.sorted { ($0.id, $0.serial) < ($1.id, $1.serial) }
        var status: JSON.Object = [
            "state": .string(state), "summary": .string(summary), "expected": .integer(expected),
            "generation": current.map { .integer($0.number) } ?? .null,
            "generations": .array(history.map { .integer($0.number) }),
            "lastRejection": .array(lastRejection.map(JSON.string)),
            "quarantine": .array(quarantine.names.sorted().map(JSON.string)),
        ]
        status["rolledBack"] = .array(
            rolledBack.map {
                var entry = describe($0.generation)
                entry["reason"] = .string($0.reason)
                return entry
            })
        status["served"] = .array(history.map(describe))
        status["workers"] = .array(list.map { describe($0, counters[$0.serial] ?? WorkerCounters()) })
        return .object(status)
    }

    /// Numbers count up within a release's directory of generations; which release it is tells them apart.
    private func describe(_ generation: GenerationID) -> JSON {
        [
            "generation": .integer(generation.number), "root": .string(generation.root),
            "serves": .bool(serving.contains { $0.generation == generation }),
        ]
    }

    private func describe(_ worker: Worker, _ counters: WorkerCounters) -> JSON {
        var entry = columns(worker, counters)
        if worker.phase == .stopping, !worker.isKilled, let deadline = worker.deadline {
            entry["killedInSeconds"] = .integer((max(deadline - now, 0) + 999) / 1000)
        }
        return .object(entry)
    }

    private func columns(_ worker: Worker, _ counters: WorkerCounters) -> JSON.Object {
        [
            "id": .integer(worker.id), "pid": .integer(Int(worker.pid)),
            "generation": .integer(worker.generation.number), "state": .string(worker.phase.rawValue),
            "ageSeconds": .integer(max(now - worker.spawnedAt, 0) / 1000),
            "connections": .integer(counters.connections), "requests": .integer(counters.requests),
            "errors5xx": .integer(counters.errors5xx), "residentMegabytes": .integer(counters.residentMegabytes),
            "crashesInARow": .integer(worker.failures),
        ]
    }
}
