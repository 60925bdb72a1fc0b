// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The replies to `MULTI`, so many commands, and `EXEC`.
struct TransactionReplies {
    private var left: Int
    private var hasBegun = false
    /// Why the server takes no transaction.
    private var refusal: String?
    /// The first error before `EXEC`, which says more than `EXEC`'s own.
    private var firstError: String?
    /// Whether a command was run although `MULTI` had been refused.
    private var hasRunAlone = false

    init(commands: Int) { left = commands }

    /// - Returns: `nil` until the last reply; then the array of `EXEC`, or why there is none.
    mutating func receive(_ value: RESPValue) -> Result<RESPValue, RedisError>? {
        guard hasBegun else {
            hasBegun = true
            if case .error(let message) = value { refusal = message }
            return nil
        }
        guard left > 0 else { return end(value) }
        left -= 1
        if case .error(let message) = value {
            firstError = firstError ?? message
        } else if refusal != nil {
            hasRunAlone = true
        }
        return nil
    }

    private func end(_ value: RESPValue) -> Result<RESPValue, RedisError> {
        if let refusal {
            guard hasRunAlone else { return .failure(RedisError(.refused, refusal)) }
            return .failure(
                RedisError(.connectionLost, "MULTI was refused and its commands were run one by one: \(refusal)"))
        }
        switch value {
        case .array: return .success(value)
        case .error(let message): return .failure(RedisError(.refused, firstError ?? message))
        case .null, .integer, .status, .bytes:
            return .failure(RedisError(.refused, firstError ?? "EXECABORT the transaction was not run"))
        }
    }
}
