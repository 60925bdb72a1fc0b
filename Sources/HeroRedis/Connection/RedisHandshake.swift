// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The first commands on a new connection, and the answers to them.
///
/// All is sent at once: one round trip.
package struct RedisHandshake: Sendable {
    private enum Step: Sendable {
        case authenticate, select, name, role, ping
    }

    enum Progress {
        case more
        case done
        case failed(RedisError)
    }

    private var steps: ArraySlice<Step> = []
    /// To be sent, in order.
    package private(set) var commands: [[[UInt8]]] = []

    /// - Parameter settings: Who we are and what the server must be.
    package init(_ settings: RedisConnectionSettings) {
        if let password = settings.password {
            add(.authenticate, ["AUTH"] + (settings.user.map { [$0] } ?? []) + [password])
        }
        if settings.database != 0 { add(.select, ["SELECT", String(settings.database)]) }
        if !settings.name.isEmpty { add(.name, ["CLIENT", "SETNAME", settings.name]) }
        if settings.checksRole { add(.role, ["ROLE"]) }
        add(.ping, ["PING"])
    }

    private mutating func add(_ step: Step, _ words: [String]) {
        steps.append(step)
        commands.append(words.map { Array($0.utf8) })
    }

    mutating func receive(_ value: RESPValue) -> Progress {
        guard let step = steps.popFirst() else { return .failed(RedisError(.connectionLost, "a reply too many")) }
        if let error = Self.error(step, value) { return .failed(error) }
        return steps.isEmpty ? .done : .more
    }

    private static func error(_ step: Step, _ value: RESPValue) -> RedisError? {
        if case .error(let message) = value {
            let error = RedisError(.refused, message)
            switch step {
            case .authenticate, .select, .role: return error
            // Not every user and not every service may; but whoever must say who they are cannot do anything else either.
            // A server that cannot save (MISCONF) refuses a PING as it refuses writes; reads and messages go on.
            case .name, .ping:
                return ["NOPERM", "ERR", "MISCONF"].contains(error.code) && !isGreeting(message) ? nil : error
            }
        }
        guard step == .role, value.elements?.first?.text != "master" else { return nil }
        let role = value.elements?.first?.text ?? "not known"
        return RedisError(.refused, "READONLY the server's role is \(role), not master")
    }

    /// What a server says of itself instead of an answer, and closes.
    private static func isGreeting(_ message: String) -> Bool { message.contains("max number of clients") }
}
