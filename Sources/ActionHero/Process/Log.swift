// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Writes lines to the application's log.
///
///     context.log.info("order placed", ["order": order.id, "total": order.total])
///
/// Writing never blocks: lines are handed to a thread of their own, and when a disk or terminal is too slow they are
/// dropped and counted rather than holding up requests.
public struct Log: Sendable {
    private let host: any LogHost

    package init(host: any LogHost) { self.host = host }

    /// Writes one line.
    ///
    /// - Parameters:
    ///   - message: What happened; not evaluated when nothing listens at this level.
    ///   - level: How important it is.
    ///   - data: Values by name, in the order in which they are to be shown.
    public func callAsFunction(
        _ message: @autoclosure () -> String, level: LogLevel = .info,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) {
        guard host.isEnabled(level) else { return }
        host.write(level: level, message: message(), data: data().map { ($0.key, Self.json($0.value)) })
    }

    private static func json(_ value: any Encodable & Sendable) -> JSON {
        (try? JSON(value)) ?? .string(String(describing: value))
    }

    /// Writes one line at level emerg: the system is unusable.
    public func emerg(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .emerg, data()) }

    /// Writes one line at level alert: someone has to act at once.
    public func alert(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .alert, data()) }

    /// Writes one line at level crit.
    public func crit(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .crit, data()) }

    /// Writes one line at level error.
    public func error(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .error, data()) }

    /// Writes one line at level warning.
    public func warning(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .warning, data()) }

    /// Writes one line at level notice.
    public func notice(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .notice, data()) }

    /// Writes one line at level info.
    public func info(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .info, data()) }

    /// Writes one line at level debug.
    public func debug(
        _ message: @autoclosure () -> String,
        _ data: @autoclosure () -> KeyValuePairs<String, any Encodable & Sendable> = [:]
    ) { self(message(), level: .debug, data()) }
}
