// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc

/// Says whose files of a project may be loaded, run, written to and signalled: the caller's and root's.
///
/// Whoever owns a directory decides what lies in it, so directories count as well as files, and so do links and what they
/// lead to.
package struct ProjectTrust {
    private let root: String
    private let owners: Set<UInt32>
    private let safe: SafeDirectories
    /// What has been looked at.
    private var known: Set<[UInt8]> = []

    /// - Parameters:
    ///   - root: Of the project.
    ///   - caller: Whose project it may be; this process's user when it is `nil`.
    ///   - safe: Projects of others that are trusted all the same.
    package init(root: String, caller: UInt32? = nil, safe: SafeDirectories = .ofThisProcess) {
        self.root = root
        self.safe = safe
        let caller = caller ?? geteuid()
        var owners: Set<UInt32> = [0, caller]
        // Who becomes root to work on his own project.
        if caller == 0, let text = getenv("SUDO_UID").map({ String(cString: $0) }), let user = UInt32(text) {
            owners.insert(user)
        }
        self.owners = owners
    }

    /// Looks at paths and at what lies between them and the project.
    ///
    /// - Parameter paths: Relative to the project or absolute; what does not exist belongs to nobody.
    /// - Throws: ``UntrustedProject`` that names the first path of somebody else.
    package mutating func check(_ paths: [String]) throws(UntrustedProject) {
        try look(root)
        for path in paths {
            // Above another absolute path lies what is none of the project's.
            guard let parts = parts(of: path) else {
                try look(path)
                continue
            }
            var full = root
            for part in parts {
                full += "/\(part)"
                guard try look(full) else { break }
            }
        }
    }

    /// - Returns: `nil` for a path outside of the project.
    private func parts(of path: String) -> [Substring]? {
        guard path.utf8.first == UInt8(ascii: "/") else { return path.split(separator: "/") }
        guard path.hasPrefix("\(root)/") else { return nil }
        return path.dropFirst(root.count).split(separator: "/")
    }

    /// - Returns: Whether there is something.
    @discardableResult
    private mutating func look(_ path: String) throws(UntrustedProject) -> Bool {
        guard known.insert(Array(path.utf8)).inserted else { return true }
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        try accept(status, path)
        guard status.st_mode & S_IFMT == S_IFLNK, stat(path, &status) == 0 else { return true }
        switch status.st_mode & S_IFMT {
        // Logs may lead to a terminal, whose owner is somebody else in a container.
        case S_IFREG, S_IFDIR, S_IFSOCK: try accept(status, path)
        default: break
        }
        return true
    }

    private func accept(_ status: stat, _ path: String) throws(UntrustedProject) {
        guard !owners.contains(status.st_uid), !safe.contains(root) else { return }
        throw UntrustedProject(root: root, path: path, owner: status.st_uid)
    }
}

/// Something of a project belongs to somebody whom the caller has not said to trust.
package struct UntrustedProject: Error, Sendable, CustomStringConvertible {
    let root: String
    let path: String
    let owner: UInt32

    package var description: String {
        """
        \(PlainText.line(path)) belongs to the user \(owner), neither to you (user \(geteuid())) nor to root: \
        nothing of this project is loaded, run, changed or signalled.
        If you trust whoever owns it, set HERO_SAFE_DIRECTORY=\(root), or add the line \(root) to \
        ~/.config/hero/safe-directories (see docs/security.md).
        """
    }
}

/// The projects of other owners that the user, or the machine's administrator, has said to trust.
package struct SafeDirectories: Sendable {
    private let lines: @Sendable () -> [String]

    /// - Parameter lines: Paths of projects; `/srv/releases/*` is every directory below that one, `*` every project.
    package init(_ lines: [String]) { self.lines = { lines } }

    private init(reading lines: @escaping @Sendable () -> [String]) { self.lines = lines }

    /// `HERO_SAFE_DIRECTORY`, the user's file and that of the machine; read when they are needed.
    package static let ofThisProcess = SafeDirectories(reading: {
        let variable = getenv("HERO_SAFE_DIRECTORY").map { String(cString: $0) } ?? ""
        var lines = variable.split(separator: ":").map(String.init)
        let user = UserDirectory.configuration.map { ["\($0)/safe-directories"] } ?? []
        for file in user + ["/etc/hero/safe-directories"] { lines += read(file) }
        return lines
    })

    package func contains(_ project: String) -> Bool {
        let path = Self.real(project)
        return lines().contains { line in
            if line == "*" { return true }
            if line.hasSuffix("/*") {
                let parent = Array(Self.real(String(line.dropLast(2)))) + [UInt8(ascii: "/")]
                return path.starts(with: parent)
            }
            return Self.real(line) == path
        }
    }

    /// As bytes: two spellings of one letter are two directories.
    private static func real(_ path: String) -> [UInt8] {
        guard let resolved = realpath(path, nil) else { return Array(path.utf8) }
        defer { free(resolved) }
        return Array(String(cString: resolved).utf8)
    }

    /// Only what the caller or root has written counts.
    private static func read(_ path: String) -> [String] {
        guard let text = UserDirectory.read(path, owners: [0, geteuid()]) else { return [] }
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("/") || $0 == "*" }
    }
}
