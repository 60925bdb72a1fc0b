// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Collects what is wrong with the inputs of one request.
///
/// Used by one task only.
final class InputReport {
    /// Raw values that count as missing for a required input (`general.missingParamChecks`).
    let missingValues: [JSON]
    private(set) var missing: [String] = []
    private(set) var invalid: [any Error] = []
    /// A formatter's error, which ends the processing.
    private(set) var failure: (any Error)?

    init(missingValues: [JSON]) {
        self.missingValues = missingValues
    }

    /// What is to be answered: a formatter's error before missing inputs before invalid ones; `nil` when all is well.
    var problems: InputProblems? {
        if let failure { return .failed(failure) }
        if !missing.isEmpty { return .missing(missing) }
        return invalid.isEmpty ? nil : .invalid(invalid)
    }

    func addMissing(_ path: [any CodingKey]) { missing.append(path.text) }

    func add(_ error: any Error, at path: [any CodingKey]) {
        switch error {
        case is InputProblemsReported: break
        case let formatting as FormattingFailure: failure = failure ?? formatting.cause
        case let validation as ValidationFailure:
            invalid.append(ActionError(validation.text(for: path.text)))
        case let decoding as DecodingError: add(decoding)
        default: invalid.append(error)
        }
    }

    private func add(_ error: DecodingError) {
        switch error {
        case .keyNotFound(_, let context): missing.append(context.codingPath.text)
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            invalid.append(ActionError("\(context.codingPath.text) \(context.debugDescription)"))
        @unknown default: invalid.append(error)
        }
    }
}

/// Unwinds a decoder after its problems went to the report.
struct InputProblemsReported: Error {}

/// What is wrong with the inputs of a request.
package enum InputProblems: Error {
    /// Required inputs without a value, in the order of their declaration.
    case missing([String])
    /// Values of the wrong type and values that a validator refused; the first is answered.
    case invalid([any Error])
    /// A formatter threw.
    case failed(any Error)
}
