// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("HTTP, compared with the reference", StoppingReplayServers())
struct HTTPReplayTests {
    @Test("requests of every kind are answered as recorded", arguments: RecordedTopics.basic)
    func answersRequests(_ recording: Recording) async throws { try await replay(recording) }

    @Test("parameters arrive as recorded", arguments: RecordedTopics.parameters)
    func takesParameters(_ recording: Recording) async throws { try await replay(recording) }

    @Test(
        "errors are answered as recorded",
        arguments: RecordedTopics.errors.filter { $0.title != UnknownMiddleware.title })
    func answersErrors(_ recording: Recording) async throws { try await replay(recording) }

    @Test("JSON and form bodies are read as recorded", arguments: RecordedTopics.bodies)
    func readsBodies(_ recording: Recording) async throws { try await replay(recording) }

    @Test("paths and versions lead to actions as recorded", arguments: RecordedTopics.routing)
    func routes(_ recording: Recording) async throws { try await replay(recording) }

    @Test("headers, cookies and bodies of every kind are as recorded", arguments: RecordedTopics.headers)
    func answersWithHeaders(_ recording: Recording) async throws { try await replay(recording) }

    @Test("public files are sent as recorded", arguments: RecordedTopics.files)
    func sendsFiles(_ recording: Recording) async throws { try await replay(recording) }

    @Test("settings have the effects that were recorded", arguments: RecordedTopics.config)
    func obeysSettings(_ recording: Recording) async throws { try await replay(recording) }

    @Test("an action that asks for unknown middleware stops the boot")
    func refusesUnknownMiddleware() async throws {
        let recording = try #require(RecordedTopics.errors.first { $0.title == UnknownMiddleware.title })
        try await UnknownMiddleware.verify(recording)
    }

    private func replay(_ recording: Recording) async throws {
        // They count what is in the cache of a server that they share.
        if recording.response["body"]?["text"]?.stringValue?.contains("cacheTestResults") == true {
            return try await OneAfterTheOther.cache.run { try await HTTPExchange.verify(recording) }
        }
        guard let reason = Pending.cases[recording.title] else { return try await HTTPExchange.verify(recording) }
        await withKnownIssue("\(reason)") { try await HTTPExchange.verify(recording) }
    }
}

/// Runs bodies that must not overlap.
private actor OneAfterTheOther {
    static let cache = OneAfterTheOther()

    private var last: Task<Void, any Error>?

    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let before = last
        let task = Task {
            _ = await before?.result
            try await body()
        }
        last = task
        try await task.value
    }
}
