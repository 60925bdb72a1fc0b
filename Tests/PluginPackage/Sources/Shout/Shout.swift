// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import ActionHero

/// Sends text to a server of the plugin's own, which answers in capitals.
public struct Shout: Action {
    public static let description = "I shout"

    @Input("What to shout") var text: String

    public struct Output: Encodable, Sendable {
        let shout: String
    }

    public init() {}

    public func run(_ context: Context) async throws -> Output {
        let server = try context.services.require(ShoutServer.self)
        return Output(shout: try await server.shout(text))
    }
}

/// Starts the server with the process and stops it with the process.
public struct ShoutInitializer: Initializer {
    public init() {}

    public func initialize(_ application: Application) async throws {
        application.services.provide(try await ShoutServer())
    }

    public func stop(_ application: Application) async throws {
        try await application.services.find(ShoutServer.self)?.stop()
    }
}
