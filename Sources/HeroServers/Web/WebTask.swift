// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime

/// What a request asks the server to do.
enum WebTask: Sendable {
    case action(ActionRequest)
    /// `nil` for a path that can lead to none.
    case file(FileName?)
    case health(HealthPaths.Question)
    case redirect(to: String)
    /// Going on with another protocol.
    case upgrade(any UpgradeProtocol)
    case options
    /// Echo what arrived.
    case trace(receivedParams: JSON.Object)
    /// The request has been read whole, so the answer is an error like any other.
    case refuse(HTTPFault, receivedParams: JSON.Object)

    var isAboutHealth: Bool {
        if case .health = self { return true }
        return false
    }
}
