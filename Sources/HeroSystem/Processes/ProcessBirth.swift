// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Which process a pid stands for: pids are used again, and mean something in their own namespace only.
package enum ProcessBirth: Sendable, Hashable {
    /// When it began, in ticks since the boot.
    case at(Int)
    /// There is no such process, or nothing of it but its status for its parent.
    case gone
    /// There is one, and nobody says more about it.
    case hidden

    /// Looks at a process of this namespace.
    package static func of(_ pid: Int) -> ProcessBirth {
        guard pid > 0, let number = pid_t(exactly: pid) else { return .gone }
        // With the mount option hidepid the files of others are missing although they run.
        guard let bytes = try? FileContents.read("/proc/\(number)/stat", limit: 1 << 16) else {
            return kill(number, 0) == -1 && errno == ESRCH ? .gone : .hidden
        }
        let text = String(decoding: bytes, as: UTF8.self)
        // `pid (name) state …`, where the name may hold anything; threads and start are the fields 20 and 22.
        guard let end = text.lastIndex(of: ")") else { return .hidden }
        let words = text[text.index(after: end)...].split(separator: " ")
        guard words.count > 19, let threads = Int(words[17]), let start = Int(words[19]) else { return .hidden }
        // A process whose first thread has ended is a zombie by name only as long as others run.
        return (words[0] == "Z" || words[0] == "X") && threads <= 1 ? .gone : .at(start)
    }

    /// Boot and pid namespace of this process, where pids and starts mean the same; `nil` where nobody can say.
    package static let place: String? = {
        // A /proc of another namespace has other pids.
        guard link("/proc/self") == String(getpid()), let space = link("/proc/self/ns/pid"),
            let bytes = try? FileContents.read("/proc/sys/kernel/random/boot_id", limit: 4096)
        else { return nil }
        let boot = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
        return boot.isEmpty ? nil : "\(boot) \(space)"
    }()

    private static func link(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            let count = text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            guard count > 0 else { return nil }
            return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
