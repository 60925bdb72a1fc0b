// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the system knows of a process.
package enum ProcessState {
    /// kB of its memory that are in use.
    package static func residentKilobytes(of pid: Int32) -> Int { kilobytes("VmRSS", of: pid) }

    /// The highest value since ``forgetHighest(of:)``, in kB.
    package static func highestKilobytes(of pid: Int32) -> Int { kilobytes("VmHWM", of: pid) }

    package static func forgetHighest(of pid: Int32) throws {
        try "5".write(toFile: "/proc/\(pid)/clear_refs", atomically: false, encoding: .utf8)
    }

    package static func descriptors(of pid: Int32) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).count
    }

    private static func kilobytes(_ name: String, of pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
