// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// A part of a list.
package struct ListPage: Sendable {
    package enum Element: Sendable, Hashable {
        case bytes([UInt8])
        /// One that is too long to be carried; this, an object of JSON with its size and beginning, stands for it.
        case long([UInt8])

        package var shown: [UInt8] {
            switch self {
            case .bytes(let bytes), .long(let bytes): bytes
            }
        }
    }

    package var elements: [Element] = []
    /// Where the next part begins; `nil` when this was the last one.
    package var next: Int?
    /// Where the last element is that was asked for, counted from the head.
    fileprivate var stop = 0
}

extension JobStore {
    /// Bytes of one reply, unless one element alone has more.
    private static let pageBytes = 8 << 20
    /// A longer element is not carried: entries of `failed` may be twice as long as their jobs.
    static let longestElement = 40 << 20
    private static let longMark = Array(#"{"$long":"#.utf8)

    /// Elements of a list, as many as fit into one reply.
    ///
    /// - Parameters:
    ///   - list: Its key.
    ///   - start: Positions as Redis counts them, from 0, negative ones from the end.
    ///   - stop: The last one.
    ///   - longest: Bytes of the longest that is carried.
    /// - Returns: The first of them.
    /// - Throws: ``RedisError``.
    package func page(
        _ list: RedisArgument, _ start: Int, _ stop: Int, longest: Int = longestElement
    ) async throws(RedisError) -> ListPage {
        let value = try await call(
            ScriptCall(
                JobScripts.look, keys: [list],
                [RedisArgument(start), RedisArgument(stop), RedisArgument(Self.pageBytes), RedisArgument(longest)]))
        guard let parts = value.elements, parts.count >= 2, let next = parts[0].integer, let stop = parts[1].integer
        else { throw Self.unexpected("look") }
        let elements = try parts.dropFirst(2).map { part throws(RedisError) -> ListPage.Element in
            if let long = part.elements?.first?.bytes { return .long(long) }
            guard let bytes = part.bytes else { throw Self.unexpected("look") }
            return .bytes(bytes)
        }
        return ListPage(elements: elements, next: next < 0 ? nil : next, stop: stop)
    }

    /// All elements of a part of a list, in as many replies as it takes.
    package func elements(
        _ list: RedisArgument, _ start: Int, _ stop: Int
    ) async throws(RedisError) -> [ListPage.Element] {
        var page = try await page(list, start, stop)
        var elements = page.elements
        while let next = page.next {
            page = try await self.page(list, next, page.stop)
            elements += page.elements
        }
        return elements
    }

    /// Removes an element that is too long to be named by its bytes.
    ///
    /// - Parameters:
    ///   - shown: What stands for it.
    ///   - list: The list's key.
    /// - Returns: Whether it was there.
    /// - Throws: ``RedisError``.
    func drop(_ shown: [UInt8], from list: RedisArgument) async throws(RedisError) -> Bool {
        let length = try await client.send(command("LLEN", list)).integer ?? 0
        // A window at a time: Redis does nothing else meanwhile.
        for start in stride(from: 0, to: length, by: 1000) {
            let call = ScriptCall(
                JobScripts.drop, keys: [list],
                [
                    RedisArgument(shown), RedisArgument(start), RedisArgument(start + 999),
                    RedisArgument(Self.longestElement),
                ], isRepeatable: false)
            if try await self.call(call).integer == 1 { return true }
        }
        return false
    }

    /// Whether bytes stand for an element that was too long.
    static func isLong(_ bytes: [UInt8]) -> Bool { bytes.starts(with: longMark) }

    /// Fields of a hash, whatever their size, in as many replies as it takes.
    ///
    /// - Parameters:
    ///   - names: Some of its fields.
    ///   - hash: Its key.
    ///   - most: Bytes after which the rest is left out; the first one always comes.
    /// - Returns: Their values, in their order; `nil` for what is not there.
    /// - Throws: ``RedisError``.
    func fields(
        _ names: [RedisArgument], of hash: RedisArgument, most: Int = .max
    ) async throws(RedisError) -> [[UInt8]?] {
        var (values, total): ([[UInt8]?], Int) = ([], 0)
        for start in stride(from: 0, to: names.count, by: JobScripts.mostJobs) {
            var some = names[start..<min(start + JobScripts.mostJobs, names.count)]
            var left: ArraySlice<Int> = []
            for result in await client.send(some.map { command("HSTRLEN", hash, $0) }) {
                left.append(try result.get().integer ?? 0)
            }
            while !left.isEmpty {
                var (count, bytes) = (0, 0)
                while count < left.count, count == 0 || bytes + left[left.startIndex + count] <= Self.pageBytes {
                    (count, bytes) = (count + 1, bytes + left[left.startIndex + count])
                }
                guard values.isEmpty || total + bytes <= most else { return values }
                total += bytes
                let reply = try await client.send(command(["HMGET", hash] + some.prefix(count)))
                guard let found = reply.elements, found.count == count else { throw Self.unexpected("HMGET") }
                values += found.map(\.bytes)
                (some, left) = (some.dropFirst(count), left.dropFirst(count))
            }
        }
        return values
    }
}
