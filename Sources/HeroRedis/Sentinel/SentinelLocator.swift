// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import NIOCore
internal import Synchronization

/// Finds the primary by asking sentinels, each time that a connection is to be made.
package final class SentinelLocator: RedisLocator {
    private let settings: SentinelSettings
    /// User, password, TLS and limits for connections to the primary.
    private let server: RedisConnectionSettings
    private let loop: any EventLoop
    private let list: Mutex<SentinelList>
    /// Searches that rest between two rounds.
    private let resting: DeadlineQueue<Void>

    package init(_ settings: SentinelSettings, server: RedisConnectionSettings, on loop: any EventLoop) {
        self.settings = settings
        self.server = server
        self.loop = loop
        list = Mutex(SentinelList(settings.sentinels))
        resting = DeadlineQueue(on: loop)
    }

    package var checksRole: Bool { true }

    /// Sentinels that are known, in the order in which they are asked.
    package var sentinels: [NodeAddress] { list.withLock { $0.order } }

    /// - Throws: ``RedisError`` that lists every sentinel with its reason, when the search has taken too long.
    package func locate() async throws(RedisError) -> RedisEndpoint {
        var search = SentinelSearch(name: settings.name)
        let end = loop.nanoseconds + settings.searchLimit * 1_000_000
        var action = search.begin(sentinels)
        while true {
            switch action {
            case .ask(let sentinel, let delay):
                await rest(delay)
                action = await ask(sentinel, &search)
            case .connect(let address):
                guard let error = await refusal(of: address) else { return address.endpoint }
                action = search.failed(error.message)
            case .wait(let delay):
                guard loop.nanoseconds < end, !Task.isCancelled else {
                    throw RedisError(.notSent, search.report)
                }
                await rest(delay)
                action = search.begin(sentinels)
            }
        }
    }

    /// Something has changed: searches that rest go on at once.
    func hurry() { resting.resume(.success(())) }

    private func rest(_ milliseconds: Int) async {
        guard milliseconds > 0 else { return }
        let end = loop.nanoseconds + milliseconds * 1_000_000
        _ = await resting.wait(until: end, late: RedisError(.notSent, "rested")) {}
    }

    private func ask(_ sentinel: NodeAddress, _ search: inout SentinelSearch) async -> SentinelSearch.Action {
        let name = RedisArgument(settings.name)
        do throws(RedisError) {
            let connection = try await RedisConnection.connect(settings.connection(to: sentinel), on: loop)
            defer { connection.close() }
            let replies = await connection.send([
                RedisCommand("SENTINEL", "get-master-addr-by-name", name), RedisCommand("SENTINEL", "sentinels", name),
            ])
            guard let first = replies.first else { return search.failed("it did not answer") }
            let answer = try first.get()
            list.withLock { list in
                if !answer.isNull { list.succeeded(sentinel) }
                if case .success(let others)? = replies.last, others.elements != nil {
                    list.learned(SentinelReply.sentinels(others), from: sentinel)
                }
            }
            return search.answered(answer)
        } catch {
            settings.log(.debug, "the sentinel \(sentinel) did not answer: \(error.message)")
            return search.failed(error.message)
        }
    }

    /// Why the server that a sentinel named is not the primary; `nil` when it says that it is.
    private func refusal(of address: NodeAddress) async -> RedisError? {
        var own = server
        own.endpoint = address.endpoint
        own.checksRole = true
        own.connectTimeout = settings.connectTimeout
        do throws(RedisError) {
            try await RedisConnection.connect(own, on: loop).close()
            return nil
        } catch {
            return error
        }
    }
}
