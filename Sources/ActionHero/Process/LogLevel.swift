// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How important a line of the log is; the levels of syslog (RFC 5424).
public enum LogLevel: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// The system is unusable.
    case emerg
    /// Someone has to act at once.
    case alert
    /// Critical conditions.
    case crit
    /// Something failed.
    case error
    /// Something may fail soon.
    case warning
    /// Normal, but worth a line: start, stop, signals.
    case notice
    /// What happens in normal operation.
    case info
    /// For finding faults.
    case debug

    /// Makes a level from its name.
    ///
    /// - Parameter name: One of `emerg`, `alert`, `crit`, `error`, `warning`, `notice`, `info`, `debug`.
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// The name in log lines and configuration.
    public var name: String {
        switch self {
        case .emerg: "emerg"
        case .alert: "alert"
        case .crit: "crit"
        case .error: "error"
        case .warning: "warning"
        case .notice: "notice"
        case .info: "info"
        case .debug: "debug"
        }
    }

    /// Whether the left level is more severe than the right one.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
