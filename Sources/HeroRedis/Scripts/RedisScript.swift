// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A Lua script, which servers keep under its digest.
package struct RedisScript: Sendable {
    package let source: [UInt8]
    /// 40 hexadecimal digits.
    package let digest: String

    package init(_ source: String) {
        self.source = Array(source.utf8)
        digest = SHA1.hexadecimal(self.source)
    }
}

extension RedisClient {
    /// Runs a script, sending its text only to a server that does not know it.
    ///
    /// A server that does not know it has run nothing, so the second attempt repeats nothing.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: `KEYS`; in a cluster all in one slot.
    ///   - arguments: `ARGV`.
    ///   - isRepeatable: Whether it may run twice.
    ///   - timeout: Milliseconds; `nil` for the client's own limit.
    /// - Returns: What the script returns.
    /// - Throws: ``RedisError``.
    package func run(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]] = [], isRepeatable: Bool = false,
        timeout: Int? = nil
    ) async throws(RedisError) -> RESPValue {
        let rest = [Array(String(keys.count).utf8)] + keys + arguments
        func command(_ name: String, _ text: [UInt8]) -> RedisCommand {
            RedisCommand([Array(name.utf8), text] + rest, isRepeatable: isRepeatable, timeout: timeout)
        }
        do throws(RedisError) {
            return try await send(command("EVALSHA", Array(script.digest.utf8)))
        } catch {
            guard error.code == "NOSCRIPT" else { throw error }
            return try await send(command("EVAL", script.source))
        }
    }
}
