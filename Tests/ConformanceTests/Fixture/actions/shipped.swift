// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

// Actions that the reference ships. What createChatRoom needs is still to come, so only its input is here.

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
