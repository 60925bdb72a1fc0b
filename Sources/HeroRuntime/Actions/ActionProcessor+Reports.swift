// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog

// Errors of actions for those who collect them.
extension ActionProcessor {
    /// - Parameters:
    ///   - call: One that has ended.
    ///   - filter: Hides secrets; what it does is done on a reporter's thread.
    func report(_ call: ActionCall, _ filter: LogFilter) {
        let reporters = application.errorReporters
        guard !reporters.isEmpty, let result = call.result, let error = result.error,
            result.status != .unknownAction || errors.reportUnknownActions,
            // Whoever runs `hero action` reads the outcome.
            call.request.connection.type != "cli"
        else { return }
        let name =
            call.record?.label ?? call.request.actionName ?? call.request.connection.requestHost?.path ?? "no action"
        // Not the call itself, which would keep the response in memory.
        let (request, record, params) = (call.request, call.record, call.params)
        reporters.hand(
            reporters.begin(.action, name, Self.severity(result)), sizeBytes: 2048 + params.approximateBytes
        ) { begin in
            var report = begin(filter.filtered(error.logText, quoting: params, record?.inputs))
            report.error = error.cause
            report.parameters = filter.filtered(params, record?.inputs)
            report.requestID = request.messageID.text
            report.client = ErrorReport.Client(
                request.connection,
                path: request.connection.requestHost.map { filter.path(of: $0, params, record) })
            report.durationMilliseconds = Int(result.durationNanoseconds / 1_000_000)
            return report
        }
    }

    /// What the client can mend itself is no alarm.
    private static func severity(_ result: ActionCall.Result) -> LogLevel {
        guard result.status == .genericError || result.status == .timedOut else { return .notice }
        guard let status = result.error?.httpStatus, (400..<500).contains(status) else { return .alert }
        return .notice
    }
}

extension ErrorReport.Client {
    init(_ connection: any ConnectionHost, path: String?) {
        self.init(
            connectionID: connection.id, type: connection.type, remoteIP: connection.remoteIP,
            method: connection.requestHost?.method, path: path)
    }
}
