// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct Counted: ActionMiddleware {
    func before(_ context: Context) async throws { context.session["count"] = 1 + (context.session["count"] ?? 0) }
}

struct Everywhere: ActionMiddleware {
    static let isGlobal = true
    static let priority = 7

    func before(_ context: Context) async throws {
        if context.params["skip"] != nil { context.skipAction() }
    }

    func after(_ context: Context, error: (any Error)?) async throws {
        context.response.addHeader("X-After", error == nil ? "success" : "error")
    }
}

struct Comings: ConnectionMiddleware {
    static let priority = 3
    func create(_ connection: Connection) async throws { connection.session["created"] = true }
}
