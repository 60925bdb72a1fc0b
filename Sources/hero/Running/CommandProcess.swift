// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroLog
import HeroRuntime
import HeroShared

/// The process of a command that runs something of the project: everything but servers and workers.
///
/// What bundles print goes to standard error, and the result of the command by ``ReservedOutput``.
struct CommandProcess {
    let hosted: HostedProcess
    let application: HeroApplication
    var process: HeroProcess { hosted.process }

    /// - Parameter body: Is given the process, of which nothing has been started, and returns the exit code.
    /// - Returns: The exit code.
    /// - Throws: ``CommandFailure`` outside of a project and where it cannot be loaded, and what the body throws.
    static func run(_ body: (CommandProcess) async throws -> Int32) async throws -> Int32 {
        try Project.require()
        ReservedOutput.begin()
        let setup = ProcessSetup(projectRoot: Project.root, environment: Project.environment, logMode: .command)
        let application = try Refusal.reported { try setup.makeApplication() }
        UnaskedEnd.watch { Terminal.error("Error: \($0)") }
        let kind = HostedProcess.Kind(
            servers: .none, redis: { try ProcessRedis(command: $0) }, bundles: { try Project.loadBundles($0) })
        let hosted = try await Refusal.awaited { try await HostedProcess(application, kind) }
        let result: Result<Int32, any Error>
        do {
            result = .success(try await body(CommandProcess(hosted: hosted, application: application)))
        } catch {
            result = .failure(error)
        }
        await hosted.redis.close()
        application.log.flush()
        withExtendedLifetime(hosted) {}
        return try result.get()
    }

    /// Starts the project's initializers around a body.
    ///
    /// - Throws: ``CommandFailure`` with what an initializer or the body has thrown.
    func started<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            try await process.initialize()
            try await process.startInitializers()
        } catch {
            throw CommandFailure("\(error)")
        }
        do {
            let value = try await body()
            await process.stopInitializers()
            return value
        } catch {
            await process.stopInitializers()
            throw error is CommandFailure ? error : CommandFailure("\(error)")
        }
    }
}
