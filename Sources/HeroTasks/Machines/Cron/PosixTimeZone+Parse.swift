// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension PosixTimeZone {
    /// - Parameter text: What the file has between its last two line ends.
    /// - Throws: CronError when it is no such rule.
    init(_ text: String) throws(CronError) {
        var reader = Reader(text)
        offset = try reader.zone()
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        try reader.skipName()
        let summerOffset = try reader.isAt(44) || reader.isAtEnd ? offset + 3600 : -reader.time()
        // Without dates, what America does is meant.
        let begin = try reader.change() ?? Change(day: .weekday(month: 3, week: 2, weekday: 0), time: 7200)
        let end = try reader.change() ?? Change(day: .weekday(month: 11, week: 1, weekday: 0), time: 7200)
        guard reader.isAtEnd else { throw reader.failure }
        summer = Summer(offset: summerOffset, begin: begin, end: end)
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        var isAtEnd: Bool { position >= bytes.count }
        var failure: CronError {
            CronError("\(String(decoding: bytes, as: UTF8.self)) is no rule for a time zone, as POSIX has them")
        }

        func isAt(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

        mutating func take(_ byte: UInt8) -> Bool {
            guard isAt(byte) else { return false }
            position += 1
            return true
        }

        /// Letters, or anything between angle brackets.
        mutating func skipName() throws(CronError) {
            let start = position
            if take(60) {
                while !isAtEnd, !isAt(62) { position += 1 }
                guard take(62) else { throw failure }
                return
            }
            while !isAtEnd, (65...90).contains(bytes[position] & 0xDF) { position += 1 }
            guard position > start else { throw failure }
        }

        mutating func zone() throws(CronError) -> Int {
            try skipName()
            return try -time()
        }

        mutating func number() throws(CronError) -> Int {
            let start = position
            var value = 0
            while position < bytes.count, (48...57).contains(bytes[position]), position - start < 4 {
                value = value * 10 + Int(bytes[position] - 48)
                position += 1
            }
            guard position > start else { throw failure }
            return value
        }

        /// `[+-]hours[:minutes[:seconds]]`, in seconds.
        mutating func time() throws(CronError) -> Int {
            let isNegative = take(45)
            if !isNegative { _ = take(43) }
            let hours = try number()
            var seconds = hours * 3600
            if take(58) { seconds += try number() * 60 }
            if take(58) { seconds += try number() }
            guard hours <= 167 else { throw failure }
            return isNegative ? -seconds : seconds
        }

        mutating func change() throws(CronError) -> Change? {
            guard take(44) else { return nil }
            let day = try day()
            return Change(day: day, time: take(47) ? try time() : 7200)
        }

        private mutating func day() throws(CronError) -> Day {
            if take(74) {
                let day = try number()
                guard (1...365).contains(day) else { throw failure }
                return .julian(day)
            }
            guard take(77) else {
                let day = try number()
                guard day <= 365 else { throw failure }
                return .ordinal(day)
            }
            let month = try number()
            guard take(46) else { throw failure }
            let week = try number()
            guard take(46) else { throw failure }
            let weekday = try number()
            guard (1...12).contains(month), (1...5).contains(week), weekday <= 6 else { throw failure }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
