// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroCluster

/// What an earlier program in this process has left to this one: listening sockets, and the generation that was tried.
struct InheritedSockets: Sendable {
    private static let variable = "HERO_LISTEN"
    private static let restVariable = "HERO_HANDED_OVER"
    /// By the name of their server.
    let descriptors: [String: Int32]
    private let rest: Rest?

    /// What goes with the sockets.
    struct Rest: Codable {
        /// Children that were there before the earlier program.
        var foreign: [Int32]
        /// Where the sockets listen.
        var places: [ClusterPlan.Listener]
        /// What the candidate has loaded; `nil` when nobody has said it.
        var generation: Int?
        /// Somebody has asked for another deploy meanwhile.
        var isToDeploy = false
    }

    /// Whether this program took over from an earlier one.
    let isRestart: Bool

    /// Children that were there before the earlier program; `nil` when there was none.
    var foreign: Set<Int32>? { rest.map { Set($0.foreign) } }
    /// `nil` when there was no earlier program.
    var places: [ClusterPlan.Listener]? { rest?.places }
    var generation: Int? { rest?.generation }
    var isToDeploy: Bool { rest?.isToDeploy ?? false }

    init(environment: [String: String]) {
        let value = environment[Self.variable]
        isRestart = value != nil
        // Commands that actions start must not think that they were handed sockets.
        unsetenv(Self.variable)
        unsetenv(Self.restVariable)
        let text = value == nil ? nil : environment[Self.restVariable]
        rest = text.flatMap { try? JSON(parsing: Array($0.utf8)).decode(Rest.self) }
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

    /// Whether an earlier program has left something, to be asked before anything else is done.
    static var areThere: Bool { getenv(variable) != nil }

    /// To be called when no code of the application runs any more: what it starts would have the sockets, too.
    static func announce(_ sockets: [(name: String, descriptor: Int32)], _ rest: Rest) {
        for socket in sockets { _ = fcntl(socket.descriptor, F_SETFD, 0) }
        if let text = try? JSON(rest).description { setenv(restVariable, text, 1) }
        setenv(variable, sockets.map { "\($0.name)=\($0.descriptor)" }.joined(separator: ","), 1)
    }
}
