// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("queues of tasks, compared with the reference")
struct QueueReplayTests {
    /// What the declaration of a task decides, and not the queues: the tests of tasks in a process have these.
    private static let declared: Set<String> = [
        "start", "enqueue unknown", "enqueue unknown with a queue", "middleware: veto", "middleware: throws",
        "inputs: default filled", "inputs: validator false", "inputs: validator string",
        "enqueueRecurrentTask of a plain task", "enqueueAllRecurrentTasks", "stopRecurrentTask plain",
    ]

    private static let replayed = RecordedTopics.queues.filter { !declared.contains($0.name) }

    @Test(
        "each operation answers as recorded and leaves in Redis what was recorded, byte for byte",
        arguments: replayed)
    func operation(_ recording: Recording) async throws { try await QueueExchange.verify(recording) }

    @Test("what is left to other tests has been recorded")
    func areRecorded() {
        for name in Self.declared {
            #expect(RecordedTopics.queues.contains { $0.name == name }, "\(name)")
        }
    }
}
