// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroRuntime
import Testing

@testable import HeroShared

@Suite("what the log says of Redis")
struct RedisReportsTests {
    private func log(of error: RedisError) throws -> String {
        let process = try TestApplication()
        RedisReports(process.application).take(.client, .failed(error, attempt: 0, retryMilliseconds: 50))
        return try process.logText()
    }

    @Test("the process is not ready while it waits for its first connection, except for one that only jobs need")
    func first() throws {
        let application = try TestApplication().application
        let reports = RedisReports(application)
        let place = RedisEndpoint.tcp(host: "127.0.0.1", port: 1)
        reports.take(.tasks, .connecting(place, attempt: 0))
        #expect(application.readiness.reason == nil)
        reports.take(.client, .connecting(place, attempt: 0))
        #expect(application.readiness.reason == "no connection to Redis yet")
        reports.take(.client, .ready(place))
        #expect(application.readiness.reason == nil)
    }

    @Test("a server that still loads its data is no reason to look at the configuration; one that is not there is")
    func loading() throws {
        let loading = try log(of: RedisError(.refused, "LOADING Redis is loading the dataset in memory"))
        #expect(loading.contains("Redis is still loading its data") && !loading.contains("alert"), "\(loading)")
        let away = try log(of: RedisError(.notSent, "connection refused"))
        #expect(away.contains("alert") && away.contains("please check your Redis config!"), "\(away)")
    }
}
