// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroShared

/// What callers of the SDK get instead of the errors of a store.
enum JobFaults {
    static let purpose = "background jobs"

    static let disabled = RedisFailure(.disabled, "background jobs need Redis, and redis.enabled is false")

    static func thrown(_ error: any Error) -> any Error {
        switch error {
        case let error as RedisError where error.message.hasPrefix(QueueAPI.notReplicated):
            TaskError(.notReplicated, error.message)
        case let error as RedisError: error.thrown(for: purpose)
        case let error as MalformedJob: TaskError(.notEncodable, error.reason)
        case let error as QueueRefusal where error == .notFailed: TaskError(.notFailed, error.message)
        case let error as QueueRefusal: TaskError(.unavailable, error.message)
        default: error
        }
    }
}
