// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/errors.yml`; texts with places for values, `{{param}}`.
package struct ErrorsConfiguration: Decodable, Sendable {
    package let missingParams: String
    package let unknownAction: String
    package let unsupportedServerType: String
    package let serverShuttingDown: String
    package let tooManyPendingActions: String
    package let actionTimedOut: String
    package let fileNotFound: String
    package let unexpectedError: String
    package let showUnexpectedErrors: Bool
    package let reportUnknownActions: Bool
    package let actionQuarantined: String
    package let rateLimited: String

    package static func fill(_ text: String, _ place: String, with value: String) -> String {
        text.replacing("{{\(place)}}", with: value)
    }
}
