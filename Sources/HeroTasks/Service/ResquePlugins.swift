// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// The plugins as tasks declare them, which count in milliseconds.
extension QueueLockPlugin {
    init(_ plugin: ResquePlugin) {
        self.init()
        if case .queueLock(let milliseconds) = plugin.kind { lockTimeout = max(1, milliseconds / 1000) }
        key = plugin.key
    }
}

extension JobLockPlugin {
    init(_ plugin: ResquePlugin) {
        self.init()
        guard case .jobLock(let lock, let enqueue, let reEnqueue) = plugin.kind else { return }
        (lockTimeout, enqueueTimeout, self.reEnqueue, key) = (max(1, lock / 1000), enqueue, reEnqueue, plugin.key)
    }
}

extension RetryPlugin {
    init(_ plugin: ResquePlugin) {
        self.init()
        guard case .retry(let limit, let delays) = plugin.kind else { return }
        (retryLimit, backoffStrategy) = (limit, delays)
    }
}

extension RetryDelay {
    init(_ policy: RetryPolicy) {
        self.init()
        (limit, base, factor) = (policy.limit, policy.baseDelay.wholeMilliseconds, policy.factor)
        (jitter, most) = (policy.jitter, policy.maximumDelay.wholeMilliseconds)
    }
}
