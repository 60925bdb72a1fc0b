// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Writes the line about each action: `[ action @ web ] to=… action=… params=… duration=…`.
struct ActionLog: Sendable {
    private let log: LogRouter
    private let filter: LogFilter
    private let responseFilter: LogFilter
    private let enableResponseLogging: Bool
    private let reportUnknownActions: Bool

    init(_ configuration: CoreConfiguration, _ log: LogRouter) {
        self.log = log
        filter = LogFilter(configuration, paths: configuration.general.filteredParams)
        responseFilter = LogFilter(configuration, paths: configuration.general.filteredResponse)
        enableResponseLogging = configuration.general.enableResponseLogging
        reportUnknownActions = configuration.errors.reportUnknownActions
    }

    func write(_ call: ActionCall) {
        guard let result = call.result else { return }
        let isReported = result.error != nil && (result.status != .unknownAction || reportUnknownActions)
        let level = isReported || result.error != nil ? LogLevel.error : call.record?.logLevel ?? .info
        guard log.isEnabled(level) else { return }
        log.write(
            level: level, message: "[ action @ \(call.request.connection.type) ]", sizeBytes: 256,
            fields: { fields(call, result) })
    }

    /// Runs on the log's own thread.
    private func fields(_ call: ActionCall, _ result: ActionCall.Result) -> [(name: String, value: JSON)] {
        let params = filter.filtered(call.params, secrets: call.record?.secretInputs ?? [])
        var fields: [(name: String, value: JSON)] = [
            ("to", .string(call.request.connection.remoteIP)),
            ("action", call.request.actionName.map { .string($0) } ?? .null),
            ("params", .string(JSON.object(params).description)),
            ("duration", .integer(Int(result.durationNanoseconds / 1_000_000))),
        ]
        fields += call.request.logFields()
        if let error = result.error { fields.append(("error", .string("Error: \(error.logText)"))) }
        if enableResponseLogging {
            let response = responseFilter.filtered(call.responseState.data.objectValue ?? [:])
            fields.append(("response", .string(JSON.object(response).description)))
        }
        return fields
    }
}

/// Shortens and hides values before they are logged.
struct LogFilter: Sendable {
    private let maxStringLength: Int
    private let maxArrayLength: Int
    /// Dotted paths of values to hide.
    private let paths: [[String]]

    init(_ configuration: CoreConfiguration, paths: [String]) {
        maxStringLength = configuration.logger.maxLogStringLength
        maxArrayLength = configuration.logger.maxLogArrayLength
        self.paths = paths.map { $0.split(separator: ".").map(String.init) }
    }

    /// - Parameters:
    ///   - object: What is to be logged.
    ///   - secrets: Further names to hide.
    func filtered(_ object: JSON.Object, secrets: [String] = []) -> JSON.Object {
        var result = JSON.Object()
        for (name, value) in object { result[name] = shortened(value) }
        for path in paths { Self.hide(path[...], in: &result) }
        for name in secrets { Self.hide([name], in: &result) }
        return result
    }

    private func shortened(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements) where elements.count > maxArrayLength: return .string("\(elements.count) items")
        case .string(let text) where text.utf8.count > maxStringLength: return .string(String(text.prefix(maxStringLength)))
        case .null, .bool, .integer, .number, .string, .array, .object: return value
        }
    }

    private static func hide(_ path: ArraySlice<String>, in object: inout JSON.Object) {
        guard let name = path.first, let value = object[name] else { return }
        if path.count == 1 {
            object[name] = "[FILTERED]"
        } else if case .object(var members) = value {
            hide(path.dropFirst(), in: &members)
            object[name] = .object(members)
        }
    }
}
