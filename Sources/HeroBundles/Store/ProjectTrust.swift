// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// Says whose files of a project may be loaded, run, written to and signalled: the caller's and root's.
///
/// Whoever owns a directory, or may write to it, decides what lies in it. So a path is walked as the system walks it, from
/// the root of the file system, and everything on the way counts: directories, links, and what they lead to.
package struct ProjectTrust {
    private let root: String
    private let caller: UInt32
    private let owners: Set<UInt32>
    private let safe: SafeDirectories
    /// What has been looked at, by path; a link with what it says.
    private var known: [[UInt8]: Known] = [:]
    /// Where the project lies when all links have been followed.
    private var place: [UInt8]?

    private struct Known {
        let isWhole: Bool
        let target: [UInt8]?
    }

    /// More links than the system itself follows (`ELOOP`).
    private static let maximumLinks = 40

    /// - Parameters:
    ///   - root: Of the project.
    ///   - caller: Whose project it may be; this process's user when it is `nil`.
    ///   - safe: Projects of others that are trusted all the same.
    package init(root: String, caller: UInt32? = nil, safe: SafeDirectories = .ofThisProcess) {
        self.root = root
        self.safe = safe
        let caller = caller ?? geteuid()
        self.caller = caller
        var owners: Set<UInt32> = [0, caller]
        // Who becomes root to work on his own project.
        if caller == 0, let text = getenv("SUDO_UID").map({ String(cString: $0) }), let user = UInt32(text) {
            owners.insert(user)
        }
        self.owners = owners
    }

    /// Looks at paths, at what leads to them, and at the project.
    ///
    /// - Parameter paths: Relative to the project or absolute; what does not exist belongs to nobody.
    /// - Throws: ``UntrustedProject`` that names the first thing of somebody else.
    package mutating func check(_ paths: [String]) throws(UntrustedProject) {
        if place == nil { place = try walk(root) }
        for path in paths { _ = try walk(path.utf8.first == Self.slash ? path : "\(root)/\(path)") }
    }

    private static let slash = UInt8(ascii: "/")

    /// One name of a path that is still to be walked.
    private struct Step {
        let name: ArraySlice<UInt8>
        /// Whether it is the project's, or what a path means in the end: a directory that only leads there may be shared by
        /// a group, as the directory of the system's logs is.
        let isWhole: Bool
    }

    /// - Returns: Where it leads; `nil` when there is nothing.
    private mutating func walk(_ path: String) throws(UntrustedProject) -> [UInt8]? {
        var steps = Self.steps(Array(path.utf8), endIsWhole: true)
        var (here, links): ([UInt8], Int) = ([], 0)
        while let step = steps.popLast() {
            if step.name.elementsEqual([UInt8(ascii: ".")]) { continue }
            if step.name.elementsEqual("..".utf8) {
                here = Array(here[..<(here.lastIndex(of: Self.slash) ?? 0)])
                continue
            }
            let next = here + [Self.slash] + step.name
            let isWhole = step.isWhole || isOfProject(next)
            guard let found = try look(next, isWhole: isWhole) else { return nil }
            guard let target = found.target else {
                here = next
                continue
            }
            links += 1
            guard links <= Self.maximumLinks else { return nil }
            if target.first == Self.slash { here = [] }
            steps += Self.steps(target, endIsWhole: isWhole)
        }
        return here
    }

    /// - Returns: The last name first.
    private static func steps(_ path: [UInt8], endIsWhole: Bool) -> [Step] {
        let names = path.split(separator: slash)
        return names.indices.reversed().map { Step(name: names[$0], isWhole: endIsWhole && $0 == names.count - 1) }
    }

    private func isOfProject(_ path: [UInt8]) -> Bool {
        guard let place, !place.isEmpty else { return false }
        return path.starts(with: place + [Self.slash])
    }

    /// - Returns: `nil` when nothing is there.
    private mutating func look(_ path: [UInt8], isWhole: Bool) throws(UntrustedProject) -> Known? {
        if let known = known[path], known.isWhole || !isWhole { return known }
        var status = stat()
        guard Self.withText(path, { lstat($0, &status) }) == 0 else { return nil }
        try accept(status, path, isWhole: isWhole)
        var target: [UInt8]?
        if status.st_mode & S_IFMT == S_IFLNK {
            guard let text = Self.target(path) else { return nil }
            target = text
        }
        let found = Known(isWhole: isWhole, target: target)
        known[path] = found
        return found
    }

    private static func target(_ path: [UInt8]) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { base in withText(path) { readlink($0, base, text.count) } } ?? -1
            }
        }
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// As bytes, since a name need not be text: one that became another on the way would not be looked at.
    private static func withText<T>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // Never without an address: it holds at least its end.
            buffer.baseAddress.map(body) ?? "".withCString(body)
        }
    }
}

// What is accepted.
extension ProjectTrust {
    private func accept(_ status: stat, _ path: [UInt8], isWhole: Bool) throws(UntrustedProject) {
        guard let reason = objection(status, isWhole: isWhole), !safe.contains(root) else { return }
        throw UntrustedProject(root: root, path: spelled(path), caller: caller, reason: reason)
    }

    /// As the caller has named the project, which may be by way of a link.
    private func spelled(_ path: [UInt8]) -> String {
        for base in [root.utf8.split(separator: Self.slash).flatMap { [Self.slash] + $0 }, place ?? []]
        where !base.isEmpty && (path == base || path.starts(with: base + [Self.slash])) {
            return root + String(decoding: path[base.count...], as: UTF8.self)
        }
        return String(decoding: path, as: UTF8.self)
    }

    private func objection(_ status: stat, isWhole: Bool) -> UntrustedProject.Reason? {
        let kind = status.st_mode & S_IFMT
        // Logs may lead to a terminal, whose owner is somebody else in a container.
        if kind == S_IFCHR { return nil }
        guard owners.contains(status.st_uid) || !isWhole && UserNamespace.isUnmapped(status.st_uid) else {
            return .owner(status.st_uid)
        }
        guard kind == S_IFREG || kind == S_IFDIR else { return nil }
        // Nobody can remove or rename in it what belongs to another, and what somebody puts there is somebody's.
        if kind == S_IFDIR, status.st_mode & S_ISVTX != 0 { return nil }
        if status.st_mode & S_IWOTH != 0 { return .everybody(status.st_mode & 0o7777) }
        guard isWhole, status.st_mode & S_IWGRP != 0, !isOwn(group: status.st_gid, of: status.st_uid) else {
            return nil
        }
        return .group(status.st_gid, status.st_mode & 0o7777)
    }

    /// A group that has nobody in it but those who are trusted anyway, as far as numbers tell: root's, the caller's, and the
    /// private one that most systems give to each user, with the user's number.
    private func isOwn(group: UInt32, of owner: UInt32) -> Bool { group == 0 || group == getegid() || group == owner }
}

/// Owners that have no number here.
private enum UserNamespace {
    /// What the system shows for them, unless the administrator has chosen another number.
    private static let overflow: UInt32 = 65_534

    /// Whether an owner is one of outside: in a container without privileges the directories above a project belong to the
    /// machine's root, who has no number in it.
    static func isUnmapped(_ user: UInt32) -> Bool { user == overflow && isPartial }

    private static let isPartial: Bool = {
        guard let map = try? FileContents.read("/proc/self/uid_map", limit: 1 << 16) else { return false }
        let words = String(decoding: map, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words != ["0", "0", "4294967295"]
    }()
}
