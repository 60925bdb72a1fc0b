// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import HeroRedis
import HeroRuntime
import HeroShared
import HeroTasks

/// Background jobs for a command: in the Redis of the configuration, whether or not a process of the project runs.
struct JobsAccess {
    let application: HeroApplication
    let store: JobStore

    var api: QueueAPI { QueueAPI(store) }
    var inspector: QueueInspector { QueueInspector(store) }

    /// - Parameters:
    ///   - options: Of the command line.
    ///   - body: Is given the jobs, and may use them until it returns.
    /// - Returns: What the body returns.
    /// - Throws: ``CommandFailure`` when there is no Redis to ask, and what the body throws.
    static func use<Value>(
        _ options: ProjectOptions, _ body: (JobsAccess) async throws -> Value
    ) async throws -> Value {
        let setup = options.setup(.command)
        let application = try Refusal.reported { try setup.makeApplication() }
        guard let plan = try Refusal.reported({ try RedisPlan.read(application) }) else {
            throw CommandFailure("redis.enabled is false: there are no background jobs")
        }
        if case .embedded = plan.tasks.kind, plan.embedded?.isServed != true {
            throw CommandFailure(
                "the embedded Redis does not run: start the project (hero start), and try again")
        }
        // It uses the embedded server, and never starts one.
        let redis = try Refusal.reported { try ProcessRedis(using: application, socket: nil) }
        let result: Result<Value, any Error>
        do {
            guard let client = redis.clients?.tasks else { throw CommandFailure("there is no Redis to ask") }
            let keys = try JobKeys(
                namespace: application.core.tasks.namespace, isCluster: client is RedisClusterClient)
            result = .success(try await body(JobsAccess(application: application, store: JobStore(client, keys))))
        } catch {
            result = .failure(failure(error))
        }
        await redis.close()
        return try result.get()
    }

    private static func failure(_ error: any Error) -> any Error {
        guard let error = error as? RedisError else { return error }
        switch error.kind {
        case .notSent: return CommandFailure("Redis cannot be asked: \(error.message); see hero redis doctor")
        case .connectionLost, .cancelled, .refused, .invalid: return CommandFailure(error.message)
        }
    }
}
