// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

// Actions that the reference ships and this repository does not yet: what they need (cache, chat) is still to come, so
// only their inputs are here.

struct CacheTest: Action {
    static let description = "I will test the internal cache functions of the API"

    @Input("the key", validate: longEnough) var key: String
    @Input("the value", validate: longEnough) var value: String

    private static let longEnough = Validator<String>.custom("inputs should be at least 3 letters long") {
        $0.count >= 3
    }

    func run(_ context: Context) async throws -> NoOutput { NoOutput() }
}

struct CreateChatRoom: Action {
    static let description = "I will create a chatroom with the given name"

    @Input("the room") var name: String

    func run(_ context: Context) async throws -> JSON { ["name": .string(name)] }
}

struct SendFile: Action {
    static let description = "I send a file though an action"

    func run(_ context: Context) async throws -> NoOutput {
        context.response.send(file: "logo/actionhero.png")
        return NoOutput()
    }
}
