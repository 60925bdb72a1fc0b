// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroConfiguration

/// What the configuration says about what processes share; times in milliseconds.
package struct SharedSettings: Sendable {
    /// The server id.
    package var id: String
    package var projectRoot: String
    package var cachePrefix = "actionhero:cache:"
    package var lockPrefix = "actionhero:lock:"
    package var lockDuration = 10_000
    package var channel = "actionhero"
    package var serverToken = "change-me"
    package var rpcTimeout = 5000
    /// Calls that wait for answers, and calls of others that run, each.
    package var rpcMaximumCalls = 10_000
    /// Bytes of a message in either direction.
    package var rpcMaximumMessage = 1_048_576
    package var scanCount = 1000
    /// Bytes of the cache without Redis.
    package var localCacheLimit = 67_108_864

    package init(id: String, projectRoot: String) {
        self.id = id
        self.projectRoot = projectRoot
    }

    init(id: String, projectRoot: String, _ core: CoreConfiguration) {
        self.init(id: id, projectRoot: projectRoot)
        let general = core.general
        cachePrefix = general.cachePrefix
        lockPrefix = general.lockPrefix
        lockDuration = general.lockDuration
        channel = general.channel
        serverToken = general.serverToken
        rpcTimeout = general.rpcTimeout
        rpcMaximumCalls = general.rpcMaximumCalls
        rpcMaximumMessage = general.rpcMaximumMessage
        scanCount = core.sharing.scanCount
        localCacheLimit = core.sharing.localCacheLimit
    }
}
