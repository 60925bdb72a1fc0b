// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct FxA: ActionMiddleware {
    static let name = "fx-a"
    static let priority = 1

    func before(_ context: Context) async throws {
        context.response.appendToOrder("pre-a")
        context.session["who"] = "fx"
    }

    func after(_ context: Context, error: (any Error)?) async throws { context.response.appendToOrder("post-a") }
}

struct FxB: ActionMiddleware {
    static let name = "fx-b"
    static let priority = 2

    func before(_ context: Context) async throws { context.response.appendToOrder("pre-b") }
    func after(_ context: Context, error: (any Error)?) async throws { context.response.appendToOrder("post-b") }
}

struct FxThrow: ActionMiddleware {
    static let name = "fx-throw"
    func before(_ context: Context) async throws { throw ActionError("BLOCKED") }
}

struct FxThrowPost: ActionMiddleware {
    static let name = "fx-throw-post"
    func after(_ context: Context, error: (any Error)?) async throws { throw ActionError("POST BLOCKED") }
}

struct FxStop: ActionMiddleware {
    static let name = "fx-stop"
    func before(_ context: Context) async throws { context.skipAction() }
    func after(_ context: Context, error: (any Error)?) async throws { context.response.appendToOrder("post-stop") }
}

extension Response {
    fileprivate func appendToOrder(_ word: String) {
        self["order"] = .array((self["order"]?.arrayValue ?? []) + [.string(word)])
    }
}
