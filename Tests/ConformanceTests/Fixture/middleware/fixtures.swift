// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc

/// Keeps a request in flight while a test's project has a file `hold`.
struct FxHold: ActionMiddleware {
    static let name = "fx-hold"
    static let isGlobal = true

    func after(_ context: Context, error: (any Error)?) async throws {
        guard context.actionName == "sleepTest" else { return }
        while access("\(context.application.projectRoot)/hold", F_OK) == 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

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
