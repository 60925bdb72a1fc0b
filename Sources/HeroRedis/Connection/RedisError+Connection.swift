// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What callers are told when a connection ends or is slow.

extension RedisError {
    /// Names the server; what it said itself begins with its code and stays as it is.
    func located(at endpoint: RedisEndpoint) -> RedisError {
        kind == .refused ? self : RedisError(kind, "Redis at \(endpoint): \(message)")
    }

    static func cancelled(_ name: String) -> RedisError {
        RedisError(.cancelled, "\(name) was given up by its caller's task; it may have been run or not")
    }

    /// What a server answers that is not, or not yet, the one to ask: the command was not run.
    var meansFailover: Bool {
        kind == .refused && ["READONLY", "LOADING", "MASTERDOWN"].contains(code)
    }

    /// - Returns: What a caller gets whose time ends when only servers that were not the one to ask have answered.
    func afterRetries(milliseconds: Int) -> RedisError {
        RedisError(kind, "\(message) (and no other server has taken it within \(milliseconds) ms)")
    }
}

extension ConnectionMachine.Unanswered where Ticket == RedisWaiter {
    var waiter: RedisWaiter { ticket }

    /// - Returns: What the caller gets.
    func error(_ reason: RedisError, _ endpoint: RedisEndpoint) -> RedisError {
        let what = waiter.name
        guard wasSent else { return RedisError(.notSent, "\(what) was not sent: \(reason.message)") }
        return RedisError(
            .connectionLost, "\(what) was sent and not answered, so it may have been run or not: \(reason.message)")
    }
}

extension RedisWaiter {
    var name: String {
        switch self {
        case .slot(let slot): slot.name
        case .callback: "SUBSCRIBE"
        }
    }

    func timeout(_ endpoint: RedisEndpoint) -> RedisError {
        let milliseconds =
            switch self {
            case .slot(let slot): " within \((slot.deadline - slot.batch.start) / 1_000_000) ms"
            case .callback: " in time"
            }
        return RedisError(
            .connectionLost,
            "Redis at \(endpoint) has not answered \(name)\(milliseconds); it may have been run or not")
    }
}
