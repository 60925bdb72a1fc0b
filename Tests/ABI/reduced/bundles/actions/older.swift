// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// Everything that the reduced interface has, in the places where the whole one has more around it.
struct Older: Action {
    static let description = "I was built long ago"

    @Input("Text", format: .trimmed, validate: .length(1...10)) var text: String
    @Input("A number") var count: Int = 3

    struct Output: Encodable {
        let text: String
        let count: Int
        let action: String
        let params: JSON.Object
        let type: String
        let id: Bool
    }

    func run(_ context: Context) async throws -> Output {
        if text == "fail" { throw ActionError("long ago", code: "E_AGO", status: 410, fields: ["era": "old"]) }
        var cookie = Cookie("crumb", "1")
        cookie.path = "/old"
        cookie.isHTTPOnly = true
        cookie.sameSite = .strict
        context.response.setCookie(cookie)
        context.response.setHeader("X-Old", "yes")
        return Output(
            text: text, count: count, action: context.actionName, params: context.params, type: context.connection.type,
            id: !context.application.id.isEmpty)
    }
}
