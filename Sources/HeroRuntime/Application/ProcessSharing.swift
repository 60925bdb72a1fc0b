// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroConfiguration
internal import HeroLog

/// What a process shares with others, as it uses it: implemented by HeroShared, over Redis or within the process.
package protocol ProcessSharing: AnyObject, Sendable {
    var cacheHost: any CacheHost { get }
    var lockHost: any LockHost { get }
    var connectionsHost: any ConnectionsHost { get }
    var rpcHost: any RPCHost { get }
    var redisHost: any RedisHost { get }
    /// Middleware that counts for all processes; one of the application's with the same name takes its place.
    var middleware: [any ActionMiddleware] { get }

    /// Begins to take messages of other processes, without waiting for the connection.
    func begin()
    /// Returns when messages come, or the process goes on without them.
    func hasBegun() async
    /// The counterpart of ``begin()``.
    func end() async
}
