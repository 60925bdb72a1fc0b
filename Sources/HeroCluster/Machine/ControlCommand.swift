// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What an operator asks for through the control socket.
package enum ControlCommand: Sendable, Hashable {
    case status
    case reload(wait: Bool, force: Bool)
    case rollback
    case scale(Int)
    case stop
    case release(String)
    case upgrade
    /// Answered when no deploy is under way.
    case wait
}

/// The answer to a command.
package struct ControlReply: Sendable, Hashable {
    package let isSuccess: Bool
    package let lines: [String]
    /// Whether the answer is the status.
    package let isStatus: Bool

    package init(isSuccess: Bool, lines: [String], isStatus: Bool = false) {
        self.isSuccess = isSuccess
        self.lines = lines
        self.isStatus = isStatus
    }
}
