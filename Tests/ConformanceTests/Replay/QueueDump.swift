// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis

/// What Redis holds of queues, in the form of the recordings.
struct QueueDump: Sendable {
    var entries: JSON.Object

    subscript(key: String) -> JSON? { entries[key]?["value"] }

    /// Elements of a list, a set, or a sorted set, where each is followed by its score.
    private func elements(_ key: String) -> [JSON] { self[key]?.arrayValue ?? [] }

    private mutating func set(_ key: String, _ elements: [JSON], type: String) {
        entries[key] = elements.isEmpty ? nil : ["type": .string(type), "value": .array(elements), "ttl": "none"]
    }

    mutating func removeLast(_ job: String, of list: String) {
        var items = elements(list)
        if items.last == .string(job) { items.removeLast() }
        set(list, items, type: "list")
    }

    mutating func insertFirst(_ jobs: [String], into list: String) {
        set(list, jobs.map { .string($0) } + elements(list), type: "list")
    }

    mutating func setScheduled(_ job: String, _ seconds: Int, _ isThere: Bool) {
        let (list, members) = ("resque:delayed:\(seconds)", "resque:timestamps:\(job)")
        let member = JSON.string("delayed:\(seconds)")
        let others = elements(members).filter { $0 != member }
        set(members, isThere ? others + [member] : others, type: "set")
        if isThere { insertFirst([job], into: list) } else { removeLast(job, of: list) }
        let (schedule, score) = ("resque:delayed_queue_schedule", JSON.string(String(seconds)))
        let scores = elements(schedule).filter { $0 != score }
        set(schedule, isThere || self[list] != nil ? scores + [score, score] : scores, type: "zset")
    }

    func write(to client: some RedisClient) async throws {
        for (key, entry) in entries {
            let values = entry["value"]?.arrayValue?.compactMap(\.stringValue) ?? []
            var words: [String]
            switch entry["type"]?.stringValue {
            case "list": words = ["RPUSH", key] + values
            case "set": words = ["SADD", key] + values
            case "zset":
                words =
                    ["ZADD", key] + stride(from: 0, to: values.count, by: 2).flatMap { [values[$0 + 1], values[$0]] }
            default: words = ["SET", key, entry["value"]?.stringValue ?? ""]
            }
            // Long enough for the test, and still a time to live.
            if entry["pttlAbout"] != nil { words += ["EX", "600"] }
            _ = try await client.send(RedisCommand(words.map { Array($0.utf8) }))
        }
    }

    init(_ entries: JSON.Object) { self.entries = entries }

    init(from client: some RedisClient) async throws {
        func send(_ words: String...) async throws -> RESPValue {
            try await client.send(RedisCommand(words.map { Array($0.utf8) }))
        }
        entries = JSON.Object()
        for key in try await send("KEYS", "*").elements?.compactMap(\.text).sorted() ?? [] {
            let type = try await send("TYPE", key).text ?? ""
            let value: RESPValue
            switch type {
            case "list": value = try await send("LRANGE", key, "0", "-1")
            case "set": value = try await send("SMEMBERS", key)
            case "zset": value = try await send("ZRANGE", key, "0", "-1", "WITHSCORES")
            default: value = try await send("GET", key)
            }
            let texts = value.elements?.map { JSON.string($0.text ?? "") }
            entries[key] = [
                "type": .string(type), "value": texts.map { .array($0) } ?? .string(value.text ?? ""),
                "ttl": try await send("PTTL", key).integer == -1 ? "none" : "some",
            ]
        }
    }

    /// For a comparison: sets have no order, and keys that differ by what changes from run to run are one.
    func fields(_ masks: Masks) -> [(field: String, value: String)] {
        var fields: [(field: String, value: String)] = []
        for (key, entry) in entries where key != "resque:connection_test_key" {
            var value = entry["value"] ?? .null
            if entry["type"] == "set", let members = value.arrayValue?.compactMap(\.stringValue) {
                value = .array(members.sorted().map { .string($0) })
            }
            let life = entry["ttl"] == "none" ? "" : ", expires"
            let (name, text) = (masks.apply("key \(key)"), masks.apply(value.stringValue ?? value.text()) + life)
            if let index = fields.firstIndex(where: { $0.field == name }) {
                fields[index].value = [fields[index].value, text].sorted().joined(separator: " ")
            } else {
                fields.append((name, text))
            }
        }
        return fields
    }
}
