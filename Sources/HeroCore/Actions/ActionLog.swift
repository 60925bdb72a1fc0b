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

    /// What a waiting line keeps in memory: the call with its request, not just its text.
    private static let heldBytes = 2048

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
        let type = call.request.connection.type
        // `hero action` prints the outcome itself, and its standard error is for programs to read.
        if type == "cli" { return }
        log.write(
            level: level, message: type == "web" ? "[ action @ web ]" : "[ action @ \(type) ]",
            sizeBytes: Self.heldBytes,
            fields: { writeFields(call, result, to: &$0) })
    }

    /// Runs on the log's own thread.
    private func writeFields(_ call: ActionCall, _ result: ActionCall.Result, to fields: inout LogFieldWriter) {
        fields.add("to", call.request.connection.remoteIP)
        fields.add("action", call.request.actionName ?? "")
        let params = filter.filtered(call.params, secrets: call.record?.secretInputs ?? [])
        fields.add("params", textOf: params)
        fields.add("duration", Int(result.durationNanoseconds / 1_000_000))
        if let request = call.request.connection.requestHost {
            fields.add("method", request.method)
            fields.add("pathname", request.path)
        }
        if let error = result.error { fields.add("error", "Error: \(error.logText)") }
        if enableResponseLogging {
            let response = responseFilter.filtered(call.response.data.objectValue ?? [:])
            fields.add("response", textOf: response)
        }
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
    /// - Returns: The object with long values shortened and secret ones hidden.
    func filtered(_ object: JSON.Object, secrets: [String] = []) -> JSON.Object {
        if paths.isEmpty, secrets.isEmpty, object.allSatisfy({ isShort($0.value) }) { return object }
        var result = JSON.Object()
        for (name, value) in object { result[name] = shortened(value) }
        for path in paths { Self.hide(path[...], in: &result) }
        for name in secrets { Self.hide([name], in: &result) }
        return result
    }

    private func isShort(_ value: JSON) -> Bool {
        switch value {
        case .array(let elements): elements.count <= maxArrayLength
        case .string(let text): text.utf8.count <= maxStringLength
        case .null, .bool, .integer, .number, .object: true
        }
    }

    private func shortened(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements) where elements.count > maxArrayLength: return .string("\(elements.count) items")
        case .string(let text) where text.utf8.count > maxStringLength:
            return .string(String(text.prefix(maxStringLength)))
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
