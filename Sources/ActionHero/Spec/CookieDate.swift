// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The dates of cookies, which browsers read in nearly any form (RFC 6265, 5.1.1).
enum CookieDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// - Parameter text: For example `Wed, 21 Oct 2015 07:28:00 GMT`.
    /// - Returns: Seconds since 1970; `nil` for what is no date.
    static func seconds(_ text: String) -> Int? {
        var (time, day, month, year): ([Int]?, Int?, Int?, Int?) = (nil, nil, nil, nil)
        for word in text.split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber)) && $0 != ":" }) {
            if time == nil, let clock = clock(word) {
                time = clock
            } else if day == nil, (1...2).contains(word.count), let number = Int(word) {
                day = number
            } else if month == nil, let index = months.firstIndex(of: word.prefix(3).lowercased()) {
                month = index + 1
            } else if year == nil, word.count == 2 || word.count == 4, let number = Int(word) {
                year = number < 70 ? number + 2000 : number < 100 ? number + 1900 : number
            }
        }
        guard let time, let day, let month, let year, (1...31).contains(day), year >= 1601 else { return nil }
        return days(year, month, day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    private static func clock(_ word: Substring) -> [Int]? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { $0.count <= 2 ? Int($0) : nil }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2], hours < 24,
            minutes < 60, seconds < 60
        else { return nil }
        return [hours, minutes, seconds]
    }

    /// Days since 1970 in the Gregorian calendar; years begin in March so that the leap day is the last one.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (year, month) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469
    }
}
