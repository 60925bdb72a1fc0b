// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Processes that this one has started, or that those have.
package enum Descendants {
    private struct Entry {
        let pid: Int32
        let parent: Int32
        let name: String
        let isZombie: Bool
    }

    /// Milliseconds for an end of their own, and then for the end of a killed process.
    private static let grace = 2000
    private static let lastGrace = 2000

    /// - Parameter parent: A process.
    /// - Returns: The numbers of its children.
    package static func children(of parent: Int32) -> [Int32] {
        table().filter { $0.parent == parent }.map(\.pid)
    }

    /// Whether a process executes, which one that has only not been waited for does not.
    package static func isRunning(_ pid: Int32) -> Bool { entry(pid).map { !$0.isZombie } ?? false }

    /// Ends all of them, first by asking, then by force.
    ///
    /// - Parameter kept: Children that are left alone, with what they have started.
    /// - Returns: What has ended and what has not, each with name and number.
    package static func end(except kept: Set<Int32>) -> (ended: [String], left: [String]) {
        let begin = MonotonicTime.milliseconds
        var known: [Int32: String] = [:]
        while true {
            let left = living(except: kept)
            let age = MonotonicTime.milliseconds - begin
            let names = left.map { "\($0.name) (\($0.pid))" }
            if left.isEmpty || age >= grace + lastGrace {
                for entry in left { known[entry.pid] = nil }
                return (known.sorted { $0.key < $1.key }.map(\.value), names)
            }
            for (entry, name) in zip(left, names) {
                let isNew = known.updateValue(name, forKey: entry.pid) == nil
                if age >= grace { kill(entry.pid, SIGKILL) } else if isNew { kill(entry.pid, SIGTERM) }
            }
            usleep(10_000)
        }
    }

    /// Asks all of them to end, without waiting for it.
    package static func askToEnd(except kept: Set<Int32>) {
        for entry in living(except: kept) { kill(entry.pid, SIGTERM) }
    }

    private static func living(except kept: Set<Int32>) -> [Entry] {
        let own = getpid()
        let all = table()
        var found: [Entry] = []
        var parents: Set<Int32> = [own]
        while !parents.isEmpty {
            let next = all.filter { parents.contains($0.parent) && !kept.contains($0.pid) }
            // Nobody else waits for those that have ended.
            for entry in next where entry.isZombie && entry.parent == own { waitpid(entry.pid, nil, WNOHANG) }
            found += next.filter { !$0.isZombie }
            parents = Set(next.map(\.pid))
        }
        return found
    }

    private static func table() -> [Entry] {
        ((try? FileContents.list("/proc")) ?? []).compactMap { Int32($0) }.compactMap(entry)
    }

    /// `pid (name) state parent …`, where the name may hold anything.
    private static func entry(_ pid: Int32) -> Entry? {
        guard let bytes = try? FileContents.read("/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"), start < end else { return nil }
        let words = text[text.index(after: end)...].split(separator: " ")
        guard words.count > 1, let parent = Int32(words[1]) else { return nil }
        let name = String(text[text.index(after: start)..<end])
        return Entry(pid: pid, parent: parent, name: name, isZombie: words[0] == "Z" || words[0] == "X")
    }
}
