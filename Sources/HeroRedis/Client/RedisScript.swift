// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// A Lua script, sent as its SHA-1 and as a whole only to a server that does not know it.
package struct RedisScript: Sendable, Hashable {
    package let source: String
    /// 40 hexadecimal digits in small letters.
    package let digest: String

    package init(_ source: String) {
        self.source = source
        digest = SHA1.hexadecimal(Array(source.utf8))
    }

    /// The command that runs it.
    ///
    /// - Parameters:
    ///   - keys: `KEYS`; in a cluster all in one slot.
    ///   - arguments: `ARGV`.
    ///   - isWhole: Whether the source is sent, which also makes the server know it.
    ///   - isRepeatable: Whether it may run twice.
    ///   - timeout: Milliseconds; `nil` for the client's own limit.
    /// - Returns: `EVALSHA` or `EVAL`.
    package func command(
        keys: [RedisArgument] = [], arguments: [RedisArgument] = [], isWhole: Bool = false, isRepeatable: Bool = false,
        timeout: Int? = nil
    ) -> RedisCommand {
        let head: [RedisArgument] = [
            isWhole ? "EVAL" : "EVALSHA", RedisArgument(isWhole ? source : digest), RedisArgument(keys.count),
        ]
        return RedisCommand(
            (head + keys + arguments).map(\.bytes), isRepeatable: isRepeatable, timeout: timeout)
    }
}

extension RedisClient {
    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: Sent as a whole when the server does not know it.
    ///   - keys: `KEYS`; in a cluster all in one slot.
    ///   - arguments: `ARGV`.
    ///   - isRepeatable: Whether it may run twice.
    ///   - timeout: Milliseconds; `nil` for the client's own limit.
    /// - Returns: What the script returns.
    /// - Throws: ``RedisError``.
    package func run(
        _ script: RedisScript, keys: [RedisArgument] = [], arguments: [RedisArgument] = [],
        isRepeatable: Bool = false, timeout: Int? = nil
    ) async throws(RedisError) -> RESPValue {
        do throws(RedisError) {
            return try await send(
                script.command(keys: keys, arguments: arguments, isRepeatable: isRepeatable, timeout: timeout))
        } catch {
            guard error.code == "NOSCRIPT" else { throw error }
            return try await send(
                script.command(
                    keys: keys, arguments: arguments, isWhole: true, isRepeatable: isRepeatable, timeout: timeout))
        }
    }
}
