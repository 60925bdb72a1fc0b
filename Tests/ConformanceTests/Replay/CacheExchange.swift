// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroShared
import HeroTestSupport
import Testing

/// One recorded operation of the cache: what Redis held before is worked out from what it held afterwards.
struct CacheExchange: Exchange {
    private let recording: Recording
    private let masks: Masks
    private let operation: String
    private let arguments: [JSON]
    private let after: JSON.Object

    init(_ recording: Recording) throws {
        self.recording = recording
        masks = Masks(recording.volatile).adding("ms-timestamp")
        guard let call = recording.request.objectValue?.first(where: { $0.name.hasPrefix("cache.") }),
            let arguments = call.value.arrayValue
        else { throw Recording.Malformed(topic: recording.topic, member: "request") }
        operation = String(call.name.dropFirst(6))
        self.arguments = arguments
        after = recording.response["redisKeysAfter"]?.objectValue ?? [:]
    }

    var recorded: [(field: String, value: String)] {
        fields(recording.response["result"], recording.response["thrown"]?.stringValue, after)
    }

    func replay() async throws -> [Difference] {
        // Some keys live for a second or two: on a busy machine they may be gone before anybody looks.
        for _ in 0..<10 {
            let began = ContinuousClock.now
            let differences = try await replayOnce()
            if differences.isEmpty || ContinuousClock.now - began < .seconds(1) { return differences }
        }
        return try await replayOnce()
    }

    private func replayOnce() async throws -> [Difference] {
        let process = try await SharedReplay()
        try await process.fill(before)
        var (result, thrown): (JSON?, String?)
        do {
            result = try await run(process.cache)
        } catch let error as RedisFailure {
            thrown = "ReplyError: \(error)"
        } catch {
            thrown = "Error: \(error)"
        }
        let ours = fields(result, thrown, try await process.dump())
        await process.close()
        return Difference.between(recorded, ours)
    }

    private func fields(_ result: JSON?, _ thrown: String?, _ dump: JSON.Object) -> [(field: String, value: String)] {
        var fields: [(field: String, value: String)] = []
        if let result, thrown == nil { fields.append(("result", masks.apply(sorted(result).description))) }
        if let thrown { fields.append(("thrown", thrown)) }
        for (key, entry) in dump {
            let life = entry["ttl"] == "none" ? "" : ", expires"
            let value = entry["value"] ?? .null
            fields.append(("key \(key)", masks.apply(value.stringValue ?? value.description) + life))
        }
        return fields
    }

    /// Redis gives names in no order.
    private func sorted(_ result: JSON) -> JSON {
        guard ["keys", "locks", "clear", "getKeys"].contains(operation), let names = result.arrayValue else {
            return result
        }
        return .array(names.compactMap(\.stringValue).sorted().map { .string($0) })
    }

    private var key: String { arguments.first?.stringValue ?? "" }

    /// What has to be there for the operation to do what it did.
    private var before: JSON.Object {
        var before = after
        let name = "actionhero:cache:\(key)"
        let some: JSON = ["type": "string", "value": #"{"value":1,"createdAt":1795236232058}"#, "ttl": "none"]
        switch operation {
        case "save": before[name] = nil
        case "destroy": if recording.response["result"] == true { before[name] = some }
        case "push":
            guard var items = after[name]?["value"]?.arrayValue else { break }
            items.removeLast()
            before[name] = ["type": "list", "value": .array(items), "ttl": "none"]
        case "pop":
            let item: JSON = ["data": recording.response["result"] ?? .null]
            let items = [.string(item.description)] + (after[name]?["value"]?.arrayValue ?? [])
            before[name] = ["type": "list", "value": .array(items), "ttl": "none"]
        case "unlock": before["actionhero:lock:\(key)"] = ["type": "string", "value": "node-a", "pttlAbout": 5000]
        case "clear":
            for name in recording.response["result"]?.arrayValue ?? [] { before[name.stringValue ?? ""] = some }
        default: break
        }
        return before
    }

    private func milliseconds(_ json: JSON?) -> Duration? {
        // As in the reference, 0 is no time at all here; `Duration.zero` would be.
        json?.doubleValue.flatMap { $0 == 0 ? nil : .milliseconds(1) * Int($0.rounded(.up)) }
    }

    private func run(_ cache: Cache) async throws -> JSON? {
        switch operation {
        case "save":
            try await cache.save(
                key, arguments[1], expiresAfter: milliseconds(arguments.count > 2 ? arguments[2] : nil))
            return true
        case "load":
            let options = arguments.count > 1 ? arguments[1] : [:]
            return try await JSON(
                cache.load(
                    key, as: JSON.self, expiresAfter: milliseconds(options["expireTimeMS"]),
                    retry: milliseconds(options["retry"]) ?? .zero))
        case "destroy": return .bool(try await cache.destroy(key))
        case "keys": return try await JSON(cache.keys(key))
        case "locks": return try await JSON(cache.locks(key))
        case "getKeys": return try await JSON(cache.keys(matching: key))
        case "size": return .integer(try await cache.size())
        case "clear": return try await JSON(cache.clear())
        case "push":
            try await cache.push(key, arguments[1])
            return true
        case "pop": return try await cache.pop(key, as: JSON.self) ?? .null
        case "listLength": return .integer(try await cache.listLength(key))
        case "lock":
            return .bool(try await cache.lock(key, for: milliseconds(arguments.count > 1 ? arguments[1] : nil)))
        case "unlock": return .bool(try await cache.unlock(key))
        case "checkLock": return .bool(try await cache.checkLock(key))
        case "lockName": return .string(cache.lockName)
        case "overrideLockName":
            #expect(cache.withLockName(key).lockName == key)
            return .null
        case "dumpWrite": return .integer(try await cache.dumpWrite("dump.json"))
        default: throw Recording.Malformed(topic: recording.topic, member: operation)
        }
    }
}
