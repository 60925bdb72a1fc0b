// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRedis
internal import Synchronization

/// The middleware `rateLimit`: so many requests in so much time for each client, counted in Redis for all processes.
///
/// Without Redis, and while it is away, each process counts on its own: a limit must not be what stops an application.
struct RateLimit: ActionMiddleware {
    static let name = "rateLimit"

    private struct Counters {
        var own: TokenBuckets
        var outage = SharedBucketsOutage()
        var warning = RareWarning()
    }

    private final class State: Sendable {
        let counters: Mutex<Counters>
        let log: (any LogHost)?

        init(_ own: TokenBuckets, log: (any LogHost)?) {
            counters = Mutex(Counters(own: own))
            self.log = log
        }
    }

    private let configuration: RateLimitConfiguration
    private let text: String
    private let shared: SharedBuckets
    private let clients: RedisClients?
    private let state: State
    private let start = ContinuousClock.now

    init() {
        self.init(RateLimitConfiguration.unread, text: "", log: nil, clients: nil)
    }

    /// - Parameters:
    ///   - configuration: How many requests.
    ///   - text: What a client reads that asks too often.
    ///   - log: Gets to know when Redis cannot be asked.
    ///   - clients: Connections to Redis; `nil` without it.
    init(
        _ configuration: RateLimitConfiguration, text: String, log: (any LogHost)?, clients: RedisClients?
    ) {
        self.configuration = configuration
        self.text = text
        self.clients = clients
        let policy = TokenPolicy(limit: configuration.requests, windowMilliseconds: configuration.window * 1000)
        shared = SharedBuckets(policy: policy, prefix: configuration.prefix, timeout: configuration.redisTimeout)
        state = State(TokenBuckets(policy, maximumKeys: configuration.maximumKeys), log: log)
    }

    func before(_ context: Context) async throws {
        let verdict = await take(RateLimitClient(context.connection, key: configuration.key))
        // draft-ietf-httpapi-ratelimit-headers
        context.response.addHeader(
            "RateLimit-Policy", "\"default\";q=\(configuration.requests);w=\(configuration.window)")
        context.response.addHeader(
            "RateLimit", "\"default\";r=\(verdict.remaining);t=\(verdict.secondsUntilFull)")
        guard verdict.isAllowed else {
            let seconds = String(verdict.secondsUntilNext)
            context.response.addHeader("Retry-After", seconds)
            throw ActionError(ErrorsConfiguration.fill(text, "seconds", with: seconds), status: 429)
        }
    }

    private func take(_ client: RateLimitClient) async -> TokenBuckets.Verdict {
        guard let redis = clients, state.counters.withLock({ $0.outage.mayAsk(now) }) else {
            return takeOwn(client)
        }
        do throws(RedisError) {
            let verdict = try await shared.take(client.name, from: redis.client)
            // So that nobody begins anew when Redis goes.
            if verdict.isAllowed { _ = takeOwn(client) }
            if state.counters.withLock({ $0.outage.answered() }) {
                state.log?.write(level: .notice, message: "requests are counted in Redis again", data: [])
            }
            return verdict
        } catch {
            report(error)
            return takeOwn(client)
        }
    }

    private func report(_ error: RedisError) {
        let now = now
        let isTold = state.counters.withLock { counters in
            counters.outage.failed(now)
            return counters.warning.note(now) != nil
        }
        guard isTold else { return }
        state.log?.write(
            level: .warning,
            message: "the rate limit cannot be counted in Redis: each process counts on its own meanwhile",
            data: [("error", .string(error.message))])
    }

    private func takeOwn(_ client: RateLimitClient) -> TokenBuckets.Verdict {
        let now = now
        // A hash, so that a client cannot choose how much memory its key takes.
        let key = client.hashValue
        return state.counters.withLock { $0.own.take(key, now: now) }
    }

    /// Milliseconds.
    private var now: Int { Int((ContinuousClock.now - start) / .milliseconds(1)) }
}
