// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where a command has its keys.
///
/// Redis would tell (`COMMAND GETKEYS`), at the price of a round trip for each shape of each command. A command that is
/// not listed is taken to have one key, its first argument, as most have.
package enum CommandKeys {
    /// A rule that finds keys among a command's words; positions count from the name, which is 0.
    enum Rule: Sendable, Hashable {
        case none
        /// From the first to the last, of which a negative one counts from the end; every so many words.
        case range(Int, Int, Int)
        /// A number of keys stands at a position, the keys follow.
        case counted(Int)
        /// A destination at 1, a number of keys at 2, the keys follow.
        case destinationAndCounted
        /// The first half of what follows the word `STREAMS`.
        case streams
        /// The key at 1, and the one that follows any of these words.
        case following([String])
        /// `MIGRATE`: the key at 3, or those that follow `KEYS`.
        case migrate
        /// The key at 2, if the word at 1 is one of these; else none.
        case subcommand([String])
    }

    /// - Parameter arguments: The command, name first.
    /// - Returns: Positions of its keys in order; those that the command's own numbers claim but that are not there are
    ///   left out, since Redis will refuse such a command anyway.
    package static func positions(in arguments: [[UInt8]]) -> [Int] {
        guard let name = arguments.first else { return [] }
        let rule = rules[text(name)] ?? .range(1, 1, 1)
        return positions(rule, arguments).filter { $0 > 0 && $0 < arguments.count }
    }

    package static func keys(of command: RedisCommand) -> [[UInt8]] {
        positions(in: command.arguments).map { command.arguments[$0] }
    }

    private static func positions(_ rule: Rule, _ arguments: [[UInt8]]) -> [Int] {
        switch rule {
        case .none: return []
        case .range(let first, let last, let step):
            let end = min(last < 0 ? arguments.count + last : last, arguments.count - 1)
            return first > end ? [] : Array(stride(from: first, through: end, by: step))
        case .counted(let position): return counted(position, arguments)
        case .destinationAndCounted: return [1] + counted(2, arguments)
        case .streams:
            guard let word = index(of: "STREAMS", in: arguments, from: 1) else { return [] }
            return Array((word + 1)..<(word + 1 + (arguments.count - word - 1) / 2))
        case .following(let words):
            return [1] + words.compactMap { index(of: $0, in: arguments, from: 2).map { $0 + 1 } }
        case .migrate:
            guard let word = index(of: "KEYS", in: arguments, from: 6) else { return [3] }
            return Array((word + 1)..<max(word + 1, arguments.count))
        case .subcommand(let words):
            guard arguments.count > 2, words.contains(text(arguments[1])) else { return [] }
            return [2]
        }
    }

    private static func counted(_ position: Int, _ arguments: [[UInt8]]) -> [Int] {
        guard position < arguments.count, let count = Int(String(decoding: arguments[position], as: UTF8.self)),
            count > 0
        else { return [] }
        return Array((position + 1)..<(position + 1 + min(count, arguments.count - position - 1)))
    }

    private static func index(of word: String, in arguments: [[UInt8]], from start: Int) -> Int? {
        guard start < arguments.count else { return nil }
        return arguments[start...].firstIndex { $0.count == word.utf8.count && text($0) == word }
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).uppercased() }
}
