// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The time zones of the system, as the package tzdata has them.
///
/// A process reads one once, when it starts.
package enum TimeZoneFiles {
    package static let directory = "/usr/share/zoneinfo"

    /// Reads a zone.
    ///
    /// - Parameters:
    ///   - name: Like `Europe/Berlin`; `UTC` needs no file.
    ///   - directory: Where the files are.
    /// - Returns: Its offsets, past and future.
    /// - Throws: ``CronError`` that says what to do.
    package static func load(_ name: String, directory: String = directory) throws(CronError) -> TimeZoneRules {
        guard !["UTC", "Etc/UTC", "Z"].contains(name) else { return .utc }
        guard TimeZoneRules.isName(name) else {
            throw CronError("\"\(name)\" is no name of a time zone; they are like Europe/Berlin")
        }
        let bytes: [UInt8]
        // The largest that tzdata has takes 4 kB.
        do throws(FileError) { bytes = try FileContents.read("\(directory)/\(name)", limit: 1 << 20) } catch {
            throw CronError(
                "there is no time zone \"\(name)\" (\(error)); they are named like Europe/Berlin, and their files are in "
                    + "the package tzdata")
        }
        return try TimeZoneRules(name: name, file: bytes)
    }
}
