// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file that holds a process's number.
package struct PidFile: Sendable {
    package let path: String
    private let directory: String
    private let projectRoot: String

    /// - Parameters:
    ///   - directory: Created when it does not exist.
    ///   - projectRoot: Never created.
    ///   - id: The server id; `192.168.0.1` gives `actionhero-192.168.0.1`.
    ///   - isWorker: A worker of a cluster is called `actionhero-worker-1` already.
    package init(directory: String, in projectRoot: String, id: String, isWorker: Bool = false) {
        self.directory = directory
        self.projectRoot = projectRoot
        path = "\(directory)/\(isWorker ? "" : "actionhero-")\(ServerIdentity.sanitized(id))"
    }

    /// - Throws: `FileError`.
    package func write() throws {
        try FileContents.createDirectory(directory, in: projectRoot)
        try FileContents.requireFileOrNothing(path)
        try FileContents.replace(path, with: String(getpid()).utf8, mode: 0o644)
    }

    /// - Parameter path: Of a pidfile.
    /// - Returns: The process that it names; `nil` when it is none.
    package static func process(in path: String) -> Int32? {
        (try? FileContents.read(path)).flatMap { Int32(String(decoding: $0, as: UTF8.self)) }.flatMap {
            $0 > 0 ? $0 : nil
        }
    }

    /// Removes the file if it is this process's own.
    ///
    /// - Returns: `false` when it is, and cannot be removed.
    package func remove() -> Bool {
        guard let contents = try? FileContents.read(path), contents == Array(String(getpid()).utf8) else { return true }
        return unlink(path) == 0
    }
}
