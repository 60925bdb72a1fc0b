// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Counts what each of many clients may still do, in bounded memory, without a clock.
///
/// A client's bucket holds tokens; a request takes one, and they come back evenly over the window. Buckets that were not
/// touched while as many others were as fit into half of the memory are forgotten, which leaves their clients with full
/// ones.
struct TokenBuckets: Sendable {
    struct Verdict: Sendable, Hashable {
        let isAllowed: Bool
        /// Whole tokens that are left.
        let remaining: Int
        /// Until the bucket is full again, rounded up.
        let secondsUntilFull: Int
        /// Until there is a token, rounded up; 0 when there is one.
        let secondsUntilNext: Int
    }

    private struct Bucket: Sendable {
        var tokens: Double
        /// Milliseconds.
        var time: Int
    }

    private let policy: TokenPolicy
    private let half: Int
    private var recent: [Int: Bucket] = [:]
    private var older: [Int: Bucket] = [:]

    /// - Parameters:
    ///   - policy: The same for all.
    ///   - maximumKeys: Buckets that are kept.
    init(_ policy: TokenPolicy, maximumKeys: Int) {
        self.policy = policy
        half = max(1, maximumKeys / 2)
    }

    /// How many buckets there are.
    var count: Int { recent.count + older.count }

    /// Takes a token.
    ///
    /// - Parameters:
    ///   - key: Whose.
    ///   - now: Milliseconds of a clock that does not go back.
    /// - Returns: Whether there was one.
    mutating func take(_ key: Int, now: Int) -> Verdict {
        var bucket = recent[key] ?? older.removeValue(forKey: key) ?? Bucket(tokens: policy.limit, time: now)
        let elapsed = Double(max(0, now - bucket.time))
        bucket.tokens = min(policy.limit, bucket.tokens + elapsed * policy.tokensPerMillisecond)
        bucket.time = now
        let isAllowed = bucket.tokens >= 1
        if isAllowed { bucket.tokens -= 1 }
        if recent[key] == nil, recent.count >= half { (older, recent) = (recent, [:]) }
        recent[key] = bucket
        return policy.verdict(isAllowed: isAllowed, tokens: bucket.tokens)
    }
}
