// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One field of a cron line: which numbers it allows, and whether it was a star.
package struct CronField: Sendable, Hashable {
    package enum Kind: Sendable, CaseIterable {
        case second, minute, hour, dayOfMonth, month, dayOfWeek

        var name: String {
            switch self {
            case .second: "second"
            case .minute: "minute"
            case .hour: "hour"
            case .dayOfMonth: "day of the month"
            case .month: "month"
            case .dayOfWeek: "day of the week"
            }
        }

        var range: ClosedRange<Int> {
            switch self {
            case .second, .minute: 0...59
            case .hour: 0...23
            case .dayOfMonth: 1...31
            case .month: 1...12
            // Sunday is 0 and 7.
            case .dayOfWeek: 0...7
            }
        }

        /// In the order of their numbers.
        var names: [String] {
            switch self {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            case .second, .minute, .hour, .dayOfMonth: []
            }
        }
    }

    /// A bit for each number.
    private let bits: UInt64
    /// Whether it begins with a star: then it restricts nothing, or is a step of everything.
    package let isStar: Bool

    package init(_ text: Substring, _ kind: Kind) throws(CronError) {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            bits |= try Self.bits(part, kind)
        }
        if kind == .dayOfWeek, bits & 1 << 7 != 0 { bits = (bits | 1) & ~(1 << 7) }
        self.bits = bits
        isStar = text.hasPrefix("*")
    }

    /// Only one number is allowed.
    package init(only number: Int) {
        bits = 1 << UInt64(number)
        isStar = false
    }

    package func contains(_ number: Int) -> Bool { number >= 0 && number < 64 && bits & 1 << UInt64(number) != 0 }
    package var first: Int { bits.trailingZeroBitCount }

    /// The smallest number that is allowed and is not below another one; `nil` when there is none.
    package func next(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & ~0 << UInt64(max(number, 0))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// Whether all numbers of its kind are allowed.
    package func isEvery(_ kind: Kind) -> Bool {
        kind.range.allSatisfy { contains($0) || (kind == .dayOfWeek && $0 == 7) }
    }

    private static func bits(_ part: Substring, _ kind: Kind) throws(CronError) -> UInt64 {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let range = try range(pieces[0], kind, hasStep: pieces.count == 2)
        var step = 1
        if pieces.count == 2 {
            guard let number = plainNumber(pieces[1]), number > 0 else {
                throw CronError("\(pieces[1]) is no step for the \(kind.name); it is a whole number from 1 on")
            }
            step = number
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private static func range(_ text: Substring, _ kind: Kind, hasStep: Bool) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return kind == .dayOfWeek ? 0...6 : kind.range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let low = try number(ends[0], kind)
        // As others read it, 5/15 goes from 5 to the end.
        guard ends.count == 2 else {
            return low...(hasStep ? max(low, kind == .dayOfWeek ? 6 : kind.range.upperBound) : low)
        }
        var high = try number(ends[1], kind)
        // As in fri-sun.
        if kind == .dayOfWeek, high == 0, low > 0 { high = 7 }
        guard low <= high else { throw CronError("\(text) is no range for the \(kind.name): it goes backwards") }
        return low...high
    }

    private static func number(_ text: Substring, _ kind: Kind) throws(CronError) -> Int {
        if let position = kind.names.firstIndex(of: text.lowercased()) {
            return kind == .month ? position + 1 : position
        }
        guard let number = plainNumber(text), kind.range.contains(number) else {
            throw CronError(
                "\(text.isEmpty ? "nothing" : String(text)) is no \(kind.name); it is a number from "
                    + "\(kind.range.lowerBound) to \(kind.range.upperBound)"
                    + (kind.names.isEmpty ? "" : " or a name like \(kind.names[1].uppercased())"))
        }
        return number
    }

    /// Digits and nothing else; `Int` takes signs, too.
    private static func plainNumber(_ text: Substring) -> Int? {
        text.utf8.count <= 4 && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}

/// Why a cron line or a time zone cannot be used.
package struct CronError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
