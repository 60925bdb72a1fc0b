// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// What a client has reported.
final class Reports: Sendable {
    private let stream: AsyncStream<(RedisRole, RedisClientEvent)>
    private let continuation: AsyncStream<(RedisRole, RedisClientEvent)>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func add(_ role: RedisRole, _ event: RedisClientEvent) { continuation.yield((role, event)) }

    /// Waits for an event; earlier ones are gone.
    func first(_ role: RedisRole = .client, where isWanted: (RedisClientEvent) -> Bool) async {
        for await (found, event) in stream where found == role && isWanted(event) { return }
    }

    func ready(_ role: RedisRole = .client) async {
        await first(role) { if case .ready = $0 { true } else { false } }
    }

    func failed(_ role: RedisRole = .client) async {
        await first(role) { if case .failed = $0 { true } else { false } }
    }
}

extension StandaloneClient {
    /// A client of a Unix socket, patient enough for a busy machine.
    static func make(
        _ path: String, reports: Reports? = nil, _ change: (inout RedisConnectionSettings) -> Void = { _ in }
    ) -> StandaloneClient {
        var settings = RedisConnectionSettings(.unix(path: path))
        settings.connectTimeout = 60_000
        settings.commandTimeout = 60_000
        change(&settings)
        return StandaloneClient(settings, on: NIOSingletons.posixEventLoopGroup.next()) { reports?.add($0, $1) }
    }
}

extension Result<RESPValue, RedisError> {
    var value: RESPValue? { try? get() }
    var failure: RedisError? {
        if case .failure(let error) = self { return error }
        return nil
    }
}
