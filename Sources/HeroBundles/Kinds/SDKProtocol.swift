// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// A protocol that types of bundles can conform to.
struct SDKProtocol: Sendable {
    /// The type `any P`.
    let existential: Any.Type
    /// The type as one that conforms, if it does.
    let cast: @Sendable (Any.Type) -> BundleType?

    static let action = SDKProtocol(existential: (any Action).self) {
        ($0 as? any Action.Type).map(BundleType.action)
    }
    static let actionMiddleware = SDKProtocol(existential: (any ActionMiddleware).self) {
        ($0 as? any ActionMiddleware.Type).map(BundleType.actionMiddleware)
    }
    static let connectionMiddleware = SDKProtocol(existential: (any ConnectionMiddleware).self) {
        ($0 as? any ConnectionMiddleware.Type).map(BundleType.connectionMiddleware)
    }
    static let initializer = SDKProtocol(existential: (any Initializer).self) {
        ($0 as? any Initializer.Type).map(BundleType.initializer)
    }
    static let backgroundTask = SDKProtocol(existential: (any BackgroundTask).self) {
        ($0 as? any BackgroundTask.Type).map(BundleType.backgroundTask)
    }
    static let taskMiddleware = SDKProtocol(existential: (any TaskMiddleware).self) {
        ($0 as? any TaskMiddleware.Type).map(BundleType.taskMiddleware)
    }
    static let command = SDKProtocol(existential: (any Command).self) {
        ($0 as? any Command.Type).map(BundleType.command)
    }

    /// The protocols of all kinds of bundles.
    static let all: [SDKProtocol] = BundleRole.allCases.flatMap { role -> [SDKProtocol] in
        if case .types(let protocols) = role.kind.contents { return protocols }
        return []
    }

    /// Places in ``all`` by the address of the protocol's descriptor.
    static let byDescriptor: [UInt: Int] = {
        var known: [UInt: Int] = [:]
        for (place, candidate) in all.enumerated() {
            if let descriptor = ExistentialMetadata(of: candidate.existential).protocolDescriptor {
                known[descriptor] = place
            }
        }
        return known
    }()
}
