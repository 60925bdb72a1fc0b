// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What the host implements behind `Cache`, `Locks`, `RPC` and `Redis`. Times are in milliseconds.

package protocol CacheHost: AnyObject, Sendable {
    func save(_ key: String, _ value: JSON, expiry: Int?, owner: String) async throws
    func load(_ key: String, expiry: Int?, retry: Int, owner: String) async throws -> (value: JSON, createdAt: Int)
    func destroy(_ key: String, owner: String) async throws -> Bool
    /// What a fetch finds, without computing or waiting; `nil` when there is nothing or another owner has locked it.
    func find(_ key: String, owner: String) async throws -> JSON?
    /// What a fetch waits for or computes, when it has found nothing.
    func fetch(_ request: FetchRequest) async throws -> JSON
    func push(_ key: String, _ item: JSON) async throws
    func pop(_ key: String) async throws -> JSON?
    func listLength(_ key: String) async throws -> Int
    func keys(_ prefix: String) async throws -> [String]
    func locks(_ prefix: String) async throws -> [String]
    func keys(matching pattern: String, count: Int?) async throws -> [String]
    func clear() async throws -> [String]
    func dumpWrite(_ file: String) async throws -> Int
    func dumpRead(_ file: String) async throws -> Int
    func lock(_ key: String, milliseconds: Int?, owner: String) async throws -> Bool
    func unlock(_ key: String, owner: String) async throws -> Bool
    func checkLock(_ key: String, retry: Int, owner: String) async throws -> Bool
}

/// A call of ``Cache/fetch(_:expiresAfter:waitingAtMost:lease:compute:)``.
package struct FetchRequest: Sendable {
    package let key: String
    package let expiry: Int?
    package let wait: Int
    package let lease: Int?
    package let owner: String
    package let isUsable: @Sendable (JSON) -> Bool
    package let compute: @Sendable () async throws -> JSON

    package init(
        key: String, expiry: Int?, wait: Int, lease: Int?, owner: String,
        isUsable: @escaping @Sendable (JSON) -> Bool, compute: @escaping @Sendable () async throws -> JSON
    ) {
        self.key = key
        self.expiry = expiry
        self.wait = wait
        self.lease = lease
        self.owner = owner
        self.isUsable = isUsable
        self.compute = compute
    }
}

package protocol LockHost: AnyObject, Sendable {
    func withLock<Result: Sendable>(
        _ name: String, lease: Int?, wait: Int, _ body: @escaping @Sendable (Lock) async throws -> Result
    ) async throws -> Result
}

package protocol RPCHost: AnyObject, Sendable {
    func register(_ name: String, _ method: @escaping @Sendable (RPCCall) async throws -> JSON?)
    func call(_ name: String, _ arguments: [JSON], _ connectionID: String?, timeout: Int?) async throws -> JSON?
    func send(_ name: String, _ arguments: [JSON], _ connectionID: String?) async throws -> Int
}

package protocol ConnectionsHost: AnyObject, Sendable {
    /// Looks among those of this process.
    func find(_ id: String) async -> (any ConnectionHost)?
    var count: Int { get async }
    /// What is known about the connection is told when `isAnswerWanted`, and nothing otherwise.
    func apply(
        _ id: String, _ method: String?, _ arguments: [JSON], isAnswerWanted: Bool
    ) async throws -> JSON.Object
}

package protocol RedisHost: AnyObject, Sendable {
    var isEnabled: Bool { get }
    func run(_ requests: [RedisRequest]) async throws -> [Result<RedisValue, RedisFailure>]
    func transaction(_ requests: [RedisRequest]) async throws -> [RedisValue]
    func script(
        _ source: String, keys: [RedisBytes], arguments: [RedisBytes], isRepeatable: Bool
    ) async throws
        -> RedisValue
    func subscribe(_ channels: [String], patterns: [String]) async throws -> AsyncStream<RedisMessage>
}
