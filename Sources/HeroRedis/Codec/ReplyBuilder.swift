// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Puts one reply together out of values that arrive depth first.
struct ReplyBuilder {
    private struct Frame {
        let count: Int
        var values: [RESPValue]
    }

    private let limit: Int
    private var frames: [Frame] = []
    private var values = 0
    private(set) var reply: RESPValue?

    /// - Parameter limit: How many values a reply may have.
    init(limit: Int) { self.limit = limit }

    /// - Returns: Whether the reply stays within its limit.
    mutating func append(_ value: RESPValue) -> Bool {
        values += 1
        guard values <= limit else { return false }
        if frames.isEmpty {
            reply = value
        } else {
            fold(value)
        }
        return true
    }

    /// Begins an array; its elements follow.
    ///
    /// - Returns: Whether the reply stays within its limit.
    mutating func beginArray(_ count: Int) -> Bool {
        guard count > 0 else { return append(.array([])) }
        values += 1
        guard count <= limit - values else { return false }
        // What a peer announces costs memory only when it comes.
        var elements: [RESPValue] = []
        elements.reserveCapacity(min(count, 1024))
        frames.append(Frame(count: count, values: elements))
        return true
    }

    private mutating func fold(_ value: RESPValue) {
        var value = value
        while let last = frames.indices.last {
            frames[last].values.append(value)
            guard frames[last].values.count == frames[last].count else { return }
            value = .array(frames.removeLast().values)
        }
        reply = value
    }

    /// - Returns: The reply, once; the builder begins anew.
    mutating func take() -> RESPValue? {
        defer {
            reply = nil
            values = 0
        }
        return reply
    }
}
