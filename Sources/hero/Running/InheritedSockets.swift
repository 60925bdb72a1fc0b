// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Listening sockets that an earlier program in this process left open.
struct InheritedSockets: Sendable {
    private static let variable = "HERO_LISTEN"
    private static let foreignVariable = "HERO_FOREIGN"
    /// By the name of their server.
    let descriptors: [String: Int32]
    /// Children that were there before the earlier program; `nil` when there was none.
    let foreign: Set<Int32>?

    /// Whether this program took over from an earlier one.
    let isRestart: Bool

    init(environment: [String: String]) {
        let value = environment[Self.variable]
        isRestart = value != nil
        // Commands that actions start must not think that they were handed sockets.
        unsetenv(Self.variable)
        unsetenv(Self.foreignVariable)
        let text = environment[Self.foreignVariable]
        foreign = value == nil ? nil : Set((text ?? "").split(separator: ",").compactMap { Int32($0) })
        var found: [String: Int32] = [:]
        for part in (value ?? "").split(separator: ",") {
            let words = part.split(separator: "=")
            guard words.count == 2, let descriptor = Int32(words[1]), fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0 else {
                continue
            }
            found[String(words[0])] = descriptor
        }
        descriptors = found
    }

    /// To be called when no code of the application runs any more: what it starts would have the sockets, too.
    static func announce(_ sockets: [(name: String, descriptor: Int32)], foreign: Set<Int32>) {
        for socket in sockets { _ = fcntl(socket.descriptor, F_SETFD, 0) }
        setenv(foreignVariable, foreign.sorted().map(String.init).joined(separator: ","), 1)
        setenv(variable, sockets.map { "\($0.name)=\($0.descriptor)" }.joined(separator: ","), 1)
    }
}
