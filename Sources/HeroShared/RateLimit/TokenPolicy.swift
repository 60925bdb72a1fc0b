// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How many tokens a bucket has, and how fast they come back.
struct TokenPolicy: Sendable {
    /// Tokens in a full bucket.
    let limit: Double
    /// In which an empty bucket becomes full.
    let windowMilliseconds: Double

    init(limit: Int, windowMilliseconds: Int) {
        self.limit = Double(limit)
        self.windowMilliseconds = Double(windowMilliseconds)
    }

    var tokensPerMillisecond: Double { limit / windowMilliseconds }

    func verdict(isAllowed: Bool, tokens: Double) -> TokenBuckets.Verdict {
        let tokens = min(limit, max(0, tokens))
        return TokenBuckets.Verdict(
            isAllowed: isAllowed, remaining: Int(tokens), secondsUntilFull: seconds(limit - tokens),
            secondsUntilNext: tokens >= 1 ? 0 : max(1, seconds(1 - tokens)))
    }

    /// Multiplied first: a quotient that is a little too large would be rounded up by a whole second.
    private func seconds(_ tokens: Double) -> Int { Int((tokens * windowMilliseconds / limit / 1000).rounded(.up)) }
}
