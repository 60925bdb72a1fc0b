// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import Synchronization

/// Redis for bundles.
final class RedisService: RedisHost {
    private let clients: RedisClients?
    /// Scripts by their text: working out a digest takes longer than sending the command.
    private let scripts = Mutex<[ByteKey: RedisScript]>([:])

    /// More than an application has; texts that are put together at run time would otherwise pile up.
    private static let scriptLimit = 1000

    init(_ clients: RedisClients?) { self.clients = clients }

    var isEnabled: Bool { clients != nil }

    func run(_ requests: [RedisRequest]) async throws -> [Result<RedisValue, RedisFailure>] {
        let client = try client()
        let kinds = requests.map(BundleCommand.init)
        if kinds.allSatisfy({ if case .plain = $0 { true } else { false } }) {
            let commands = requests.map(RedisCommand.init)
            return try Self.results(await client.send(commands))
        }
        // One after the other, so that their order stays what it was.
        var results: [Result<RedisValue, RedisFailure>] = []
        for (kind, request) in zip(kinds, requests) {
            switch kind {
            case .plain: results += try Self.results(await client.send([RedisCommand(request)]))
            case .refused(let reason): results.append(.failure(RedisFailure(.invalid, reason)))
            case .blocking:
                do throws(RedisError) {
                    results.append(.success(RedisValue(try await client.sendBlocking(RedisCommand(request)))))
                } catch {
                    if error.kind == .cancelled { throw CancellationError() }
                    results.append(.failure(RedisFailure(error, purpose: "context.redis")))
                }
            }
        }
        return results
    }

    func transaction(_ requests: [RedisRequest]) async throws -> [RedisValue] {
        let client = try client()
        for request in requests {
            switch BundleCommand(request) {
            case .plain: break
            case .blocking: throw RedisFailure(.invalid, "\(request.name) waits, which nothing does in a transaction")
            case .refused(let reason): throw RedisFailure(.invalid, reason)
            }
        }
        guard !requests.isEmpty else { return [] }
        do throws(RedisError) {
            return try await client.transaction(requests.map(RedisCommand.init)).map(RedisValue.init)
        } catch {
            throw error.thrown(for: "context.redis")
        }
    }

    func script(
        _ source: String, keys: [RedisBytes], arguments: [RedisBytes], isRepeatable: Bool
    ) async throws -> RedisValue {
        let client = try client()
        let script = scripts.withLock { scripts in
            if let script = scripts[ByteKey(source)] { return script }
            if scripts.count >= Self.scriptLimit { scripts.removeAll() }
            let script = RedisScript(source)
            scripts[ByteKey(source)] = script
            return script
        }
        do throws(RedisError) {
            return RedisValue(
                try await client.run(
                    script, keys: keys.map { RedisArgument($0.bytes) },
                    arguments: arguments.map { RedisArgument($0.bytes) }, isRepeatable: isRepeatable))
        } catch {
            throw error.thrown(for: "context.redis")
        }
    }

    func subscribe(_ channels: [String], patterns: [String]) async throws -> AsyncStream<RedisMessage> {
        guard let clients else { throw Self.disabled }
        guard !channels.isEmpty || !patterns.isEmpty else {
            throw RedisFailure(.invalid, "a subscription needs a channel or a pattern")
        }
        let subscription: RedisSubscription
        do throws(RedisError) {
            subscription = try await clients.subscriber.subscribe(channels: channels, patterns: patterns)
        } catch {
            throw error.thrown(for: "context.redis")
        }
        // Runs in the reader's task, so that cancelling that ends the subscription.
        return AsyncStream {
            var iterator = subscription.makeAsyncIterator()
            return await iterator.next().map(RedisMessage.init)
        }
    }

    private static let disabled = RedisFailure(
        .disabled, "this application has no Redis: redis.enabled is false")

    private func client() throws(RedisFailure) -> any RedisClient {
        guard let clients else { throw Self.disabled }
        return clients.client
    }

    private static func results(
        _ replies: [Result<RESPValue, RedisError>]
    ) throws -> [Result<RedisValue, RedisFailure>] {
        try replies.map { reply in
            if case .failure(let error) = reply, error.kind == .cancelled { throw CancellationError() }
            return reply.map(RedisValue.init).mapError { RedisFailure($0, purpose: "context.redis") }
        }
    }
}

extension RedisRequest {
    /// In capitals.
    var name: String { words.first.map { String(decoding: $0.bytes, as: UTF8.self).uppercased() } ?? "" }
}

extension RedisCommand {
    init(_ request: RedisRequest) {
        self.init(
            request.words.map(\.bytes), isRepeatable: request.isRepeatable,
            timeout: request.timeout?.wholeMilliseconds)
    }
}

extension RedisValue {
    init(_ value: RESPValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let number): .integer(number)
            case .status(let text): .status(text)
            case .bytes(let bytes): .bytes(bytes)
            case .error(let message): .error(message)
            case .array(let elements): .array(elements.map(RedisValue.init))
            }
    }
}

extension RedisMessage {
    init(_ event: RedisEvent) {
        self =
            switch event {
            case .message(let channel, let pattern, let payload):
                .message(channel: channel, pattern: pattern, payload: payload)
            case .gap: .gap
            }
    }
}
