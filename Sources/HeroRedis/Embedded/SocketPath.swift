// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What to connect to: a path, or a short one that leads there for as long as this object lives.
final class SocketPath: Sendable {
    let text: String
    /// A descriptor of the directory, for a path that is too long; otherwise -1.
    private let directory: Int32
    private static let longest = 107

    init(_ path: String) {
        if path.utf8.count > Self.longest, let slash = path.lastIndex(of: "/") {
            directory = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            text = directory < 0 ? path : "/proc/self/fd/\(directory)\(path[slash...])"
        } else {
            (directory, text) = (-1, path)
        }
    }

    deinit { if directory >= 0 { close(directory) } }

    var fits: Bool { text.utf8.count <= Self.longest }
}
