// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import NIOCore
internal import Synchronization

/// The primary that sentinels watch, whichever server that is at the moment.
package final class SentinelClient: RedisClient {
    private let settings: SentinelSettings
    private let client: StandaloneClient
    package let locator: SentinelLocator
    /// Has one subscription, to what the sentinels announce.
    private let announcements: StandaloneClient
    private let watch = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - settings: Which sentinels, and what they call the primary.
    ///   - server: As whom to connect to the primary; its endpoint does not count.
    ///   - role: What this client is called in reports.
    ///   - loop: Carries all connections.
    ///   - observer: Gets to know what happens to the connections to the primary.
    package init(
        _ settings: SentinelSettings, server: RedisConnectionSettings, role: RedisRole = .client,
        on loop: any EventLoop, observer: @escaping RedisObserver = { _, _ in }
    ) {
        self.settings = settings
        locator = SentinelLocator(settings, server: server, on: loop)
        client = StandaloneClient(server, locator: locator, role: role, on: loop, observer: observer)
        var own = settings.connection(to: settings.sentinels.first ?? NodeAddress(host: "", port: 0))
        own.commandTimeout = settings.searchLimit
        let log = settings.log
        announcements = StandaloneClient(own, locator: SentinelTour(locator), role: .subscriber, on: loop) { _, event in
            if case .failed(let error, _, _) = event { log(.info, "lost a sentinel's announcements: \(error.message)") }
        }
        // Ended and awaited by close().
        let owner = Owner(self)
        watch.withLock { $0 = Task { await Self.listen(owner) } }
    }

    /// Begins to connect without waiting for a command.
    package func connect() { client.connect() }

    package func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        await client.send(commands)
    }

    package func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        try await client.transaction(commands)
    }

    package func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies {
        try await client.transaction(commands, replicas: replicas, milliseconds: milliseconds)
    }

    package func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await client.sendBlocking(command)
    }

    package func subscribe(
        channels: [String], patterns: [String]
    ) async throws(RedisError) -> RedisSubscription {
        try await client.subscribe(channels: channels, patterns: patterns)
    }

    package func close() async {
        let task = watch.withLock { watch in
            defer { watch = nil }
            return watch
        }
        task?.cancel()
        // Ends the subscription too, if its task waits for one.
        await announcements.close()
        await task?.value
        await client.close()
    }

    // MARK: Announcements

    /// The announcements of sentinels that this client listens to.
    ///
    /// The sentinel that leads a failover says `+switch-master` only when all replicas follow the new primary; until then
    /// the old one, if it lives, takes writes that will be lost. `+promoted-slave` is seconds earlier.
    private static let channels = ["+switch-master", "+promoted-slave"]

    private struct Owner: Sendable {
        weak let client: SentinelClient?
        init(_ client: SentinelClient) { self.client = client }
    }

    private static func listen(_ owner: Owner) async {
        while !Task.isCancelled {
            guard let announcements = owner.client?.announcements else { return }
            do throws(RedisError) {
                for await event in try await announcements.subscribe(channels: channels, patterns: []) {
                    guard let client = owner.client else { return }
                    await client.take(event)
                }
            } catch {
                guard error.kind != .cancelled, !Task.isCancelled else { return }
                owner.client?.settings.log(.warning, "no sentinel announces failovers at the moment: \(error.message)")
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func take(_ event: RedisEvent) async {
        switch event {
        case .message(let channel, _, let payload):
            let change =
                channel == "+switch-master"
                ? SentinelReply.newPrimary(payload, of: settings.name)
                : SentinelReply.promoted(payload, of: settings.name)
            guard let change else { return }
            moved(to: change.new.endpoint, "the sentinels have replaced \(change.old) by \(change.new)")
        case .gap:
            // What was announced meanwhile is not known; what holds now is.
            guard let endpoint = try? await locator.locate() else { return }
            moved(to: endpoint, "the primary is \(endpoint) now")
        }
    }

    private func moved(to endpoint: RedisEndpoint, _ reason: String) {
        settings.log(.notice, "Redis `\(settings.name)`: \(reason)")
        locator.hurry()
        client.relocate(to: endpoint, because: reason)
    }
}
