// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What a request calls a file.
struct FileName: Hashable, Sendable {
    /// Relative, without `.` and `..`.
    let path: String
    /// `nil` for the public directories.
    let directory: String?

    /// `nil` for a path that would leave the directory.
    ///
    /// - Parameters:
    ///   - path: Below the directory, decoded; `nil` for one that could not be.
    ///   - directory: Absolute; `nil` for the public directories.
    init?(_ path: String?, in directory: String?) {
        guard let path, let relative = StaticFileServer.normalized(path) else { return nil }
        self.path = relative
        self.directory = directory
    }

    /// Whether any part of the path begins with a dot, as `.env` and `.git` do.
    ///
    /// What lies in `/.well-known/` is for everybody (RFC 8615).
    var isHidden: Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init)
        return (parts.first == ".well-known" ? parts.dropFirst() : parts[...]).contains {
            $0.utf8.first == UInt8(ascii: ".")
        }
    }

    /// `nil` also for a path that names nothing: an action whose parameter is empty does not mean the index.
    ///
    /// - Parameter path: Below the public directories.
    init?(fileOfAction path: String) {
        self.init(path, in: nil)
        if self.path.isEmpty { return nil }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.path.isSame(as: right.path) && left.directory.map(ByteKey.init) == right.directory.map(ByteKey.init)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(ByteKey(path)) }
}
