// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("what an action is given")
struct ContextTests {
    private struct Look: Action {
        static let version = 7
        @Input("a") var a: String?

        func run(_ context: Context) async throws -> JSON {
            let user: String = context.session["user"] ?? "nobody"
            context.log.notice("looking", ["user": user])
            return [
                "action": .string(context.actionName), "version": .string(context.actionVersion),
                "message": .string(context.messageID), "user": .string(user), "type": .string(context.connection.type),
                "ip": .string(context.connection.remoteIP), "port": .integer(context.connection.remotePort),
                "hasRequest": .bool(context.connection.request != nil),
                "isSame": .bool(context.connection.id == context.connection.fingerprint),
                "environment": .string(context.config.environment), "id": .string(context.application.id),
                "retries": .integer(try context.config.int("billing.retries")),
                "isUp": .bool(context.application.uptimeMilliseconds >= 0),
                "hasTime": .bool(context.connection.connectedAtMilliseconds > 1_000_000_000_000),
            ]
        }
    }

    private struct Authenticate: ActionMiddleware {
        static let isGlobal = true
        func before(_ context: Context) async throws {
            if let name = context.params["token"]?.stringValue { context.session["user"] = name }
        }
    }

    private func process() throws -> InMemoryProcess {
        try InMemoryProcess(
            [.action(Look.self), .actionMiddleware(Authenticate.self)], overrides: ["billing": ["retries": 3]],
            environment: "staging")
    }

    @Test("the request, the connection, the process and its configuration")
    func everything() async throws {
        let process = try process()
        let seen = await process.answer("look", ["token": "ada"]).response.data
        #expect(
            seen == [
                "action": "look", "version": "7", "message": "1", "user": "ada", "type": "test", "ip": "127.0.0.1",
                "port": 0, "hasRequest": false, "isSame": true, "environment": "staging", "id": "test", "retries": 3,
                "isUp": true, "hasTime": true,
            ])
        #expect(try process.log().contains { $0["message"] == "looking" && $0["user"] == "ada" })
    }

    @Test("a session that begins with its request and ends with it")
    func session() async throws {
        let process = try process()
        #expect(await process.answer("look", ["token": "ada"]).response.data["user"] == "ada")
        #expect(await process.answer("look").response.data["user"] == "nobody")
    }

    @Test("a connection inside the process cannot be sent messages")
    func sending() async {
        let connection = Connection(host: LocalConnection(type: "in-line-action", remoteIP: "0"))
        await #expect(throws: ActionError.self) { try await connection.send(1) }
        await connection.destroy()
    }
}
