// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// Jobs in Redis, as workers, reapers and the scheduler use them; what users ask for is in ``QueueAPI``.
///
/// All calls may be repeated after a lost reply, and say so to the client, unless they are documented otherwise.
package struct JobStore: Sendable {
    package let client: any RedisClient
    package let keys: JobKeys
    /// Milliseconds for each call; `nil` for the client's own limit.
    package var timeout: Int?

    package init(_ client: any RedisClient, _ keys: JobKeys, timeout: Int? = nil) {
        self.client = client
        self.keys = keys
        self.timeout = timeout
    }
}

/// A call of a script.
struct ScriptCall: Sendable {
    let script: RedisScript
    var keys: [RedisArgument]
    var arguments: [RedisArgument]
    var isRepeatable = true

    init(
        _ script: RedisScript, keys: [RedisArgument], _ arguments: [RedisArgument] = [], isRepeatable: Bool = true
    ) {
        self.script = script
        self.keys = keys
        self.arguments = arguments
        self.isRepeatable = isRepeatable
    }

    /// What goes to the server, without the script.
    var bytes: Int {
        keys.reduce(0) { $0 + $1.bytes.count } + arguments.reduce(0) { $0 + $1.bytes.count }
    }
}

extension JobStore {
    /// Calls scripts in one go; those that the server does not know are sent as a whole, in their order.
    ///
    /// A server that does not know one of them may know those behind it, so their order is only kept among those that
    /// belong to one script: nothing that is sent together may depend on an earlier call.
    func call(_ calls: [ScriptCall]) async -> [Result<RESPValue, RedisError>] {
        var results = await client.send(calls.map { command($0, isWhole: false) })
        let unknown = results.indices.filter { Self.isUnknown(results[$0]) && calls.indices.contains($0) }
        guard !unknown.isEmpty else { return results }
        let again = await client.send(unknown.map { command(calls[$0], isWhole: true) })
        for (index, result) in zip(unknown, again) { results[index] = result }
        return results
    }

    func call(_ call: ScriptCall) async throws(RedisError) -> RESPValue {
        guard let result = await self.call([call]).first else {
            throw RedisError(.invalid, "a client returned no result for a script")
        }
        return try result.get()
    }

    /// A command with this store's limit of time.
    func command(_ words: RedisArgument..., isRepeatable: Bool = true) -> RedisCommand {
        command(words, isRepeatable: isRepeatable)
    }

    func command(_ words: [RedisArgument], isRepeatable: Bool = true) -> RedisCommand {
        RedisCommand(words.map(\.bytes), isRepeatable: isRepeatable, timeout: timeout)
    }

    private func command(_ call: ScriptCall, isWhole: Bool) -> RedisCommand {
        call.script.command(
            keys: call.keys, arguments: call.arguments, isWhole: isWhole, isRepeatable: call.isRepeatable,
            timeout: timeout)
    }

    private static func isUnknown(_ result: Result<RESPValue, RedisError>) -> Bool {
        if case .failure(let error) = result { return error.code == "NOSCRIPT" }
        return false
    }

    /// - Throws: ``RedisError`` of kind `invalid` for more jobs than one call may name.
    static func check(_ count: Int) throws(RedisError) {
        guard count <= JobScripts.mostJobs else {
            throw RedisError(.invalid, "\(count) jobs in one call, at most \(JobScripts.mostJobs) are allowed")
        }
    }

    static func unexpected(_ what: String) -> RedisError {
        RedisError(.refused, "ERR the answer to \(what) has another shape than the script gives it")
    }
}

extension RedisError {
    /// The lease has ended.
    var isLost: Bool { code == "LOST" }
    /// The number of a claim was used before.
    var isSpent: Bool { code == "SPENT" }
}
