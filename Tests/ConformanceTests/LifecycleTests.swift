// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("One process, compared with the reference")
struct LifecycleTests {
    @Test("starts, signals, failures and log lines are as recorded", arguments: RecordedTopics.lifecycle)
    func lifecycle(_ recording: Recording) async throws { try await LifecycleExchange.verify(recording) }
}
