// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where the user keeps what is no project's: settings and caches of hero (XDG Base Directory Specification).
package enum UserDirectory {
    /// More than any of these files has.
    private static let limitBytes = 1 << 20

    /// `$XDG_CONFIG_HOME/hero` or `~/.config/hero`; `nil` for a user without a home.
    package static var configuration: String? { directory("XDG_CONFIG_HOME", ".config") }

    /// `$XDG_CACHE_HOME/hero` or `~/.cache/hero`; `nil` for a user without a home.
    package static var cache: String? { directory("XDG_CACHE_HOME", ".cache") }

    private static func directory(_ variable: String, _ standard: String) -> String? {
        base(variable).map { base in base.isHome ? "\(base.path)/\(standard)/hero" : "\(base.path)/hero" }
    }

    /// What the environment names, and is the user's to have made.
    private static func base(_ variable: String) -> (path: String, isHome: Bool)? {
        // The specification has relative paths ignored.
        if let path = getenv(variable).map({ String(cString: $0) }), path.hasPrefix("/") { return (path, false) }
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else { return nil }
        return (home, true)
    }

    /// - Returns: What a file of these owners says that nobody else may write to; `nil` for any other.
    package static func read(_ path: String, owners: Set<UInt32>) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, owners.contains(status.st_uid), status.st_mode & 0o022 == 0,
            status.st_size <= limitBytes, let contents = try? FileContents.read(descriptor: descriptor, path: path)
        else { return nil }
        return String(decoding: contents, as: UTF8.self)
    }

    /// Keeps a file in the cache, for this user only; what cannot be kept is asked for again.
    ///
    /// A home that `sudo` has left from somebody else is not written to.
    package static func remember(_ text: String, as name: String) {
        guard let cache, prepare(cache) else { return }
        try? FileContents.replace("\(cache)/\(name)", with: text.utf8, mode: 0o600)
    }

    /// Makes the cache in a directory that is this user's, and only there: nothing is made before its owner is known.
    private static func prepare(_ cache: String) -> Bool {
        guard let base = base("XDG_CACHE_HOME")?.path, isOwn(base) else { return false }
        var path = base
        for name in cache.dropFirst(base.count).split(separator: "/") {
            path += "/\(name)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST, isOwn(path) else { return false }
        }
        var status = stat()
        return stat(cache, &status) == 0 && status.st_mode & 0o022 == 0
    }

    /// Whether a directory is this user's, and a link to it as well.
    private static func isOwn(_ path: String) -> Bool {
        var (named, meant) = (stat(), stat())
        return lstat(path, &named) == 0 && named.st_uid == geteuid() && stat(path, &meant) == 0
            && meant.st_uid == geteuid() && meant.st_mode & S_IFMT == S_IFDIR
    }

    /// - Returns: What this user has kept under that name.
    package static func remembered(_ name: String) -> String? {
        guard let cache else { return nil }
        var status = stat()
        guard stat(cache, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else { return nil }
        return read("\(cache)/\(name)", owners: [geteuid()])
    }
}
