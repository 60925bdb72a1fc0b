// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A job that was seen in a queue: as long as it is there, the queue's oldest job is at least as old as the mark.
///
/// Resque's format has no room for the time of an enqueue, and other programs enqueue, too, so ages can only be told from
/// what was seen.
package struct AgeMark: Sendable, Hashable {
    /// Longer payloads are not kept: they are followed by ``counted`` alone.
    package static let longestPayload = 512

    /// When it was seen, ms.
    package var time: Int
    /// How many jobs stand before it, as far as is known.
    package var place: Int
    /// Jobs that all programs had done when it was seen: once so many more are done as stood before it, it may be gone.
    package var counted: Int
    /// Empty when there were others like it, or when it is too long.
    package var payload: [UInt8]

    package init(time: Int, place: Int, counted: Int, payload: [UInt8]) {
        (self.time, self.place, self.counted, self.payload) = (time, place, counted, payload)
    }
}

/// The marks of one queue, oldest first.
package struct AgeMarks: Sendable, Hashable {
    /// When there are more, every second one goes, so that those that stay span the whole time.
    package static let most = 8

    package private(set) var marks: [AgeMark]

    package init(_ marks: [AgeMark] = []) { self.marks = marks }

    /// Takes away marks that are gone.
    ///
    /// - Parameter count: How many, from the oldest.
    package mutating func drop(_ count: Int) { marks.removeFirst(min(count, marks.count)) }

    /// The oldest mark was found nearer to the head.
    package mutating func move(to place: Int) { if !marks.isEmpty { marks[0].place = place } }

    package mutating func add(_ mark: AgeMark) {
        if marks.count >= Self.most {
            marks = stride(from: 0, to: marks.count, by: 2).map { marks[$0] }
        }
        marks.append(mark)
    }

    /// `<time> <place> <counted> <length>:<payload>`, one behind the other.
    package var bytes: [UInt8] {
        marks.reduce(into: []) { bytes, mark in
            bytes += Array("\(mark.time) \(mark.place) \(mark.counted) \(mark.payload.count):".utf8) + mark.payload
        }
    }

    /// What cannot be read is nothing: it is made anew.
    package init(reading bytes: [UInt8]) {
        var (marks, rest): ([AgeMark], ArraySlice<UInt8>) = ([], bytes[...])
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            let numbers = rest[..<colon].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            rest = rest[(colon + 1)...]
            guard numbers.count == 4, numbers[3] >= 0, numbers[3] <= rest.count else { break }
            marks.append(
                AgeMark(
                    time: numbers[0], place: numbers[1], counted: numbers[2], payload: Array(rest.prefix(numbers[3]))))
            rest = rest.dropFirst(numbers[3])
        }
        self.init(marks)
    }
}
