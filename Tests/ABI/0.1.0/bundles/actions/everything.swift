// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// Declares everything that an action may declare, and touches everything that it is given.
struct Everything: Action {
    static let name = "everything"
    static let description = "I touch everything"
    static let version = 1
    static let middleware = ["counted"]
    static let blockedConnectionTypes = ["socket"]
    static let logLevel = LogLevel.notice
    static let toDocument = false
    static let matchExtensionMimeType = false
    static let outputExample = ["sum": 1]
    static let execution = Execution.threadPool
    static let timeout = Duration.seconds(60)

    func run(_ context: Context) async throws -> JSON {
        context.log.info("everything runs", ["count": 1])
        context.log("with a level", level: .debug)
        let inner = try await context.run("versioned", version: "1", params: ["ignored": true])
        context.response.status = 202
        context.response.setHeader("X-Corpus", "yes")
        context.response.addHeader("X-Corpus-More", context.connection.type)
        var cookie = Cookie("crumb", "1", maxAgeSeconds: 60)
        cookie.sameSite = .lax
        context.response.setCookie(cookie)
        context.response["extra"] = ["list": [1, 2.5, "three", nil, true]]
        var object: JSON.Object = ["inner": inner["version"] ?? .null]
        object["counted"] = .integer(context.session["count"] ?? -1)
        object["tool"] = .string(try context.services.require(String.self, named: "tool"))
        object["environment"] = .string(context.config.environment)
        object["name"] = .string(try context.config.string("general.serverName"))
        object["id"] = .bool(!context.application.id.isEmpty && context.application.uptimeMilliseconds >= 0)
        object["method"] = .string(context.connection.request?.method ?? "none")
        object["agent"] = .string(context.connection.request?.header("user-agent") ?? "none")
        object["remote"] = .bool(!context.connection.remoteIP.isEmpty && !context.connection.id.isEmpty)
        object["stranger"] = .bool(context.connection.clientCertificate?.subject == nil)
        object["round"] = try JSON(parsing: JSON.object(object).text())["inner"]
        object["created"] = .bool(context.connection.session["created"] ?? false)
        return .object(object)
    }
}

struct Failing: Action {
    @Input("How") var how: String

    func run(_ context: Context) async throws -> [String: String] {
        switch how {
        case "error": throw ActionError("no", code: "E_NO", status: 418, fields: ["why": "because"])
        case "payload": throw ActionError(payload: ["bare": true])
        case "service": _ = try context.services.require(Int.self, named: "absent")
        default: break
        }
        return [:]
    }
}
