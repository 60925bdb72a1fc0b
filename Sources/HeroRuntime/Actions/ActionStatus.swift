// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration

/// How a request for an action ended; the names are the reference's.
package enum ActionStatus: Sendable, Hashable {
    case complete
    case genericError
    case serverShuttingDown
    case tooManyRequests
    case unknownAction
    case unsupportedServerType
    case missingParams
    case validatorErrors
    /// Not in the reference, which has no time limit.
    case timedOut
    /// Not in the reference: the action has crashed too many workers.
    case quarantined
}
