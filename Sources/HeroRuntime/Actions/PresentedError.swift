// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroConfiguration

/// An error as clients see it.
package final class PresentedError: Sendable {
    /// The member `error` of the response.
    package let value: JSON
    package let message: String
    /// Members to add beside it.
    package let fields: JSON.Object
    /// The HTTP status that the error asks for.
    package let httpStatus: Int?
    /// What the log says, also where clients are not told.
    let logText: String
    /// What middleware is told.
    let cause: any Error

    init(_ message: String, httpStatus: Int? = nil) {
        value = .string(message)
        self.message = message
        fields = [:]
        self.httpStatus = httpStatus
        logText = message
        cause = ActionError(message)
    }

    /// - Parameters:
    ///   - error: What was thrown.
    ///   - errors: `config/errors.yml`.
    init(_ error: any Error, _ errors: ErrorsConfiguration) {
        cause = error
        guard let error = error as? ActionError else {
            let detail = String(describing: error)
            let shown = errors.showUnexpectedErrors ? detail : errors.unexpectedError
            value = .string(shown)
            message = shown
            fields = [:]
            httpStatus = nil
            logText = detail
            return
        }
        value = error.payload ?? .string(error.message)
        message = error.message
        let codeStatus = error.code.flatMap { Int($0) }.flatMap(Self.validStatus)
        httpStatus = error.status.flatMap(Self.validStatus) ?? codeStatus
        var fields = error.fields
        if let code = error.code, codeStatus == nil, fields["code"] == nil { fields["code"] = .string(code) }
        self.fields = fields
        logText = error.message
    }

    /// The same error, for an action that ran another in line.
    var asActionError: ActionError {
        if let error = cause as? ActionError { return error }
        return ActionError(message, status: httpStatus)
    }

    private static func validStatus(_ status: Int) -> Int? {
        ResponseState.statuses.contains(status) ? status : nil
    }
}
