// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What the host implements behind the package structures. Invisible to bundles, so these may change with the host: no
// bundle links against them.

package protocol LogHost: AnyObject, Sendable {
    func isEnabled(_ level: LogLevel) -> Bool
    func write(level: LogLevel, message: String, data: [(name: String, value: JSON)])
}

package protocol ErrorHost: AnyObject, Sendable {
    func add(_ reporter: any ErrorReporter, name: String)
    func report(
        _ error: any Error, kind: ErrorReport.Kind, name: String, severity: LogLevel, parameters: JSON.Object)
}

package protocol ConfigurationHost: AnyObject, Sendable {
    var environment: String { get }
    func value(at key: String) -> JSON?
}

package protocol ApplicationHost: AnyObject, Sendable {
    var id: String { get }
    var projectRoot: String { get }
    var uptimeMilliseconds: Int { get }
    var configurationHost: any ConfigurationHost { get }
    var logHost: any LogHost { get }
    var errorHost: any ErrorHost { get }
    var services: Services { get }
    var cacheHost: any CacheHost { get }
    var lockHost: any LockHost { get }
    var rpcHost: any RPCHost { get }
    var connectionsHost: any ConnectionsHost { get }
    var redisHost: any RedisHost { get }
    var taskHost: any TaskHost { get }
    func run(_ name: String, version: String?, params: JSON.Object) async throws -> JSON
    /// What a client would be answered, whether the action succeeds or fails.
    func answer(_ name: String, version: String?, params: JSON.Object) async -> JSON
}
