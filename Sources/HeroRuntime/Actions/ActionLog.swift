// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog

/// Writes the line about each action: `[ action @ web ] to=… action=… params=… duration=…`.
struct ActionLog: Sendable {
    private let log: LogRouter
    let filter: LogFilter
    private let responseFilter: LogFilter
    private let enableResponseLogging: Bool

    /// What a waiting line keeps in memory beside parameters and response: the request, not just its text.
    private static let heldBytes = 2048

    init(_ configuration: CoreConfiguration, _ log: LogRouter) {
        self.log = log
        filter = LogFilter(
            configuration.logger, names: configuration.general.filteredNames,
            paths: configuration.general.filteredParams)
        responseFilter = LogFilter(
            configuration.logger, names: configuration.general.filteredNames,
            paths: configuration.general.filteredResponse)
        enableResponseLogging = configuration.general.enableResponseLogging
    }

    func write(_ call: ActionCall) {
        guard let result = call.result else { return }
        let level = result.error == nil ? call.record?.logLevel ?? .info : .error
        guard log.isEnabled(level) else { return }
        let type = call.request.connection.type
        // `hero action` prints the outcome itself, and its standard error is for programs to read.
        if type == "cli" { return }
        let params = call.params
        let response = enableResponseLogging ? call.response.data : JSON?.none
        let size = Self.heldBytes + params.approximateBytes + (response?.approximateBytes ?? 0)
        // Only what is written: the call itself would keep the response's body in memory while the line waits.
        let (request, record) = (call.request, call.record)
        log.write(
            level: level, message: type == "web" ? "[ action @ web ]" : "[ action @ \(type) ]", sizeBytes: size,
            fields: { fields in
                write(request, record, params, result, to: &fields)
                if let response {
                    fields.add(
                        "response",
                        textOf: responseFilter.filtered(
                            response: response.objectValue ?? [:], quoting: params, record?.inputs, as: filter))
                }
            })
    }

    /// Runs on the log's own thread.
    private func write(
        _ request: ActionRequest, _ record: ActionRecord?, _ params: JSON.Object, _ result: ActionCall.Result,
        to fields: inout LogFieldWriter
    ) {
        fields.add("to", request.connection.remoteIP)
        fields.add("action", request.actionName ?? "")
        fields.add(
            "params",
            textOf: filter.filtered(
                VersionParameter.completed(filter.known(params, request, record), version: record?.version),
                record?.inputs))
        fields.add("duration", Int(result.durationNanoseconds / 1_000_000))
        if let request = request.connection.requestHost {
            fields.add("method", request.method)
            fields.add("pathname", filter.path(of: request, params, record))
        }
        if let error = result.error {
            fields.add("error", "Error: \(filter.filtered(error.logText, quoting: params, record?.inputs))")
        }
    }
}

extension LogFilter {
    /// - Returns: The path of a request without what is secret in it.
    func path(of request: any RequestHost, _ params: JSON.Object, _ record: ActionRecord?) -> String {
        filtered(path: request.path, variables: request.pathVariables, quoting: params, record?.inputs)
    }

    /// - Returns: The parameters without the variables of the path where no action says which of them are secret, as with a
    ///   version that is not there.
    fileprivate func known(_ params: JSON.Object, _ request: ActionRequest, _ record: ActionRecord?) -> JSON.Object {
        guard record == nil, let variables = request.connection.requestHost?.pathVariables else { return params }
        var params = params
        for variable in variables where params[variable.name] != nil { params[variable.name] = "[FILTERED]" }
        return params
    }
}
