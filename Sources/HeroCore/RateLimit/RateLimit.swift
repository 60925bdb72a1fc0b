// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Synchronization

/// `general.rateLimit`; what each key means is documented in `config/api.yml`.
package struct RateLimitConfiguration: Decodable, Sendable {
    package let requests: Int
    /// Seconds.
    package let window: Int
    package let key: String
    package let maximumKeys: Int
}

/// The middleware `rateLimit`: so many requests in so much time for each client, counted by each worker on its own.
struct RateLimit: ActionMiddleware {
    static let name = "rateLimit"

    private final class State: Sendable {
        let buckets: Mutex<TokenBuckets>

        init(_ buckets: TokenBuckets) {
            self.buckets = Mutex(buckets)
        }
    }

    private let configuration: RateLimitConfiguration
    private let text: String
    private let state: State
    private let start = ContinuousClock.now

    init() {
        self.init(RateLimitConfiguration(requests: 100, window: 60, key: "address", maximumKeys: 10_000), text: "")
    }

    /// - Parameters:
    ///   - configuration: How many requests.
    ///   - text: What a client reads that asks too often.
    init(_ configuration: RateLimitConfiguration, text: String) {
        self.configuration = configuration
        self.text = text
        state = State(
            TokenBuckets(
                limit: configuration.requests, windowMilliseconds: configuration.window * 1000,
                maximumKeys: configuration.maximumKeys))
    }

    func before(_ context: Context) async throws {
        let now = Int((ContinuousClock.now - start) / .milliseconds(1))
        let key = key(of: context.connection)
        let verdict = state.buckets.withLock { $0.take(key, now: now) }
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

    /// A hash, so that a client cannot choose how much memory its key takes.
    private func key(of connection: Connection) -> Int {
        var hasher = Hasher()
        if configuration.key != "address", let value = connection.request?.header(configuration.key) {
            hasher.combine(value)
        } else if let address = IPAddress(connection.remoteIP) {
            hasher.combine(address.high)
            // Whoever has one IPv6 address has 2⁶⁴ of them.
            if address.isV4 { hasher.combine(address.low) }
        } else {
            hasher.combine(connection.remoteIP)
        }
        return hasher.finalize()
    }
}
