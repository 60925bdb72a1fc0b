// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import HeroShared

/// A clock that stands still until somebody waits, and then jumps: nothing in a test takes time.
final class ManualTime: Sendable {
    private let now = Mutex(1_000_000)

    var milliseconds: Int { now.withLock { $0 } }

    func advance(_ milliseconds: Int) { now.withLock { $0 += milliseconds } }

    var keeper: Timekeeper {
        Timekeeper(
            monotonic: { self.milliseconds }, wall: { self.milliseconds + 1_700_000_000_000 },
            sleep: { pause in
                try Task.checkCancellation()
                self.advance(pause)
                await Task.yield()
            })
    }
}
