// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension HTTPDate {
    /// Reads a date in any of the three forms of HTTP (RFC 9110, 5.6.7).
    ///
    /// - Parameter text: For example `Tue, 02 Jan 2024 03:04:05 GMT`.
    /// - Returns: Seconds since 1970, or `nil` for what is no such date.
    static func seconds(_ text: String) -> Int? {
        let words = text.split { $0 == " " || $0 == "," }
        guard isWeekday(words.first) else { return nil }
        switch words.count {
        case 6 where words[5] == "GMT":
            return seconds(day: words[1], month: words[2], year: year(words[3]), time: words[4])
        case 5: return seconds(day: words[2], month: words[1], year: year(words[4]), time: words[3])
        case 4 where words[3] == "GMT":
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3 else { return nil }
            return seconds(day: date[0], month: date[1], year: year(date[2]), time: words[2])
        default: return nil
        }
    }

    private static func isWeekday(_ word: Substring?) -> Bool {
        guard let word, word.count >= 3 else { return false }
        return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].contains { word.hasPrefix($0) }
    }

    /// Two digits are those of a year from 1970 to 2069, which is close enough to the standard's window of 50 years.
    private static func year(_ word: Substring) -> Int? {
        guard let number = digits(word), word.utf8.count == 2 || word.utf8.count == 4 else { return nil }
        if word.utf8.count == 4 { return number }
        return number < 70 ? 2000 + number : 1900 + number
    }

    private static func seconds(day: Substring, month: Substring, year: Int?, time: Substring) -> Int? {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map(digits)
        guard let year, let month = names.firstIndex(where: { $0 == month }), let day = digits(day), (1...31) ~= day,
            clock.count == 3, let hours = clock[0], let minutes = clock[1], let seconds = clock[2],
            hours < 24, minutes < 60, seconds <= 60
        else { return nil }
        return days(year: year, month: month + 1, day: day) * 86_400 + hours * 3600 + minutes * 60 + seconds
    }

    private static func digits(_ word: Substring) -> Int? {
        guard (1...4) ~= word.utf8.count, word.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(word)
    }

    /// Days since 1970 in the Gregorian calendar; years begin in March so that the leap day is the last one.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
