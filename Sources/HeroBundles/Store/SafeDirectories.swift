// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// The projects of other owners that the user, or the machine's administrator, has said to trust.
package struct SafeDirectories: Sendable {
    private let lines: @Sendable () -> [String]

    /// - Parameter lines: Paths of projects; `/srv/releases/*` is every directory below that one, `*` every project.
    package init(_ lines: [String]) { self.lines = { lines } }

    private init(reading lines: @escaping @Sendable () -> [String]) { self.lines = lines }

    /// `HERO_SAFE_DIRECTORY`, the user's file and that of the machine; read when they are needed.
    package static let ofThisProcess = SafeDirectories(reading: {
        let variable = getenv("HERO_SAFE_DIRECTORY").map { String(cString: $0) } ?? ""
        var lines = variable.split(separator: ":").map(String.init).filter(counts)
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
        return text.split(separator: "\n").map(String.init).filter(counts)
    }

    /// A relative path would trust another directory with each directory that a command is called in.
    private static func counts(_ line: String) -> Bool { line.utf8.first == UInt8(ascii: "/") || line == "*" }

    /// What the variable names in vain.
    static var ignored: [String] {
        guard let variable = getenv("HERO_SAFE_DIRECTORY").map({ String(cString: $0) }) else { return [] }
        return variable.split(separator: ":", omittingEmptySubsequences: false).map(String.init).filter { !counts($0) }
    }
}
