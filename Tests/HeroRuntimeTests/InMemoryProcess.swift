// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroConfiguration
import HeroLog
import HeroShared
import HeroTestSupport

@testable import HeroRuntime

/// A process without servers whose actions are types of the tests.
struct InMemoryProcess {
    let project: TestProject
    let process: HeroProcess

    /// Creates the process.
    ///
    /// - Parameters:
    ///   - types: What bundles would bring.
    ///   - overrides: Configuration, as `ACTIONHERO_CONFIG_OVERRIDES` holds it.
    ///   - environment: The section of the configuration.
    ///   - loop: Carries it.
    ///   - work: What runs beside actions.
    /// - Throws: What keeps the process from being made, as it would a boot.
    init(
        _ types: [BundleType], overrides: JSON = [:], environment: String = "development", on loop: TestLoop? = nil,
        work: (any BackgroundWork)? = nil
    ) throws {
        project = try TestProject(["config/empty.yml": "default: {}\n"])
        var variables = ["ACTIONHERO_CONFIG_OVERRIDES": overrides.description, "ACTIONHERO_ENV": environment]
        variables["LOG_LEVEL"] = "debug"
        variables["ACTIONHERO_TITLE"] = "test"
        let setup = ProcessSetup(projectRoot: project.root, environment: variables)
        let application = try setup.makeApplication()
        let bundles = types.enumerated().map { position, type in
            LoadedBundle(
                file: Generation.File(role: .action, path: "actions/\(position).so", sha256: "", manifest: nil),
                types: [type])
        }
        process = try HeroProcess(
            application, bundles: bundles, checking: { _, _ in [] }, on: loop, makeWork: { _, _ in work })
        application.services.provide(journal)
    }

    /// What the tests' types did.
    let journal = Journal()

    /// What keeps a process with these types from booting; empty when nothing does.
    static func fault(_ types: [BundleType]) -> String {
        do {
            return try InMemoryProcess(types).journal.all.joined()
        } catch {
            return "\(error)"
        }
    }

    /// Runs an action from a task, as commands and in-line calls do.
    func answer(
        _ name: String?, _ params: JSON.Object = [:], pendingCount: Int = 1, type: String = "test"
    ) async -> ActionCall {
        await process.processor.run(request(name, params, pendingCount: pendingCount, type: type))
    }

    /// Runs an action from an event loop, as servers do.
    func answer(_ name: String?, _ params: JSON.Object = [:], on loop: TestLoop) async -> ActionCall {
        await withCheckedContinuation { continuation in
            loop.execute {
                process.processor.start(request(name, params), on: loop) { continuation.resume(returning: $0) }
            }
        }
    }

    func request(
        _ name: String?, _ params: JSON.Object = [:], pendingCount: Int = 1, type: String = "test"
    ) -> ActionRequest {
        var params = params
        if let name { params["action"] = .string(name) }
        return ActionRequest(
            connection: LocalConnection(type: type, remoteIP: "127.0.0.1"), actionName: name, params: params,
            messageID: .text("1"), pendingCount: pendingCount)
    }

    /// The log file as it is.
    func logText() throws -> String {
        process.application.log.flush()
        return try project.read("log/test-\(process.application.configuration.environment).log")
    }

    /// Lines of the log file without their times.
    func log() throws -> [JSON.Object] {
        try logText().split(separator: "\n")
            .compactMap {
                var line = try JSON(parsing: String($0)).objectValue
                line?["timestamp"] = nil
                return line
            }
    }
}

extension ActionCall {
    var error: JSON? { response.data["error"] }
}
