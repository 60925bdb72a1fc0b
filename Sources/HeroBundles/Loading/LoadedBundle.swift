// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

public import ActionHero

/// What one bundle brought into the process.
public struct LoadedBundle: Sendable {
    public let file: Generation.File
    /// Types that conform to a protocol of the SDK, sorted by their name.
    public let types: [BundleType]
}

/// A type of a bundle that the framework has a use for.
public enum BundleType: Sendable {
    case action(any Action.Type)
    case actionMiddleware(any ActionMiddleware.Type)
    case connectionMiddleware(any ConnectionMiddleware.Type)
    case initializer(any Initializer.Type)
    case command(any Command.Type)
}
