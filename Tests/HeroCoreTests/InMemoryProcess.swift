// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroTestSupport

@testable import HeroCore

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
    /// - Throws: What keeps the process from being made, as it would a boot.
    init(_ types: [BundleType], overrides: JSON = [:], environment: String = "development") throws {
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
        process = try HeroProcess(application, bundles: bundles)
    }

    /// Runs an action as a server would.
    func answer(
        _ name: String?, _ params: JSON.Object = [:], pendingCount: Int = 1, type: String = "test"
    ) async -> ActionCall {
        var params = params
        if let name { params["action"] = .string(name) }
        return await process.processor.run(
            ActionRequest(
                connection: LocalConnection(type: type, remoteIP: "127.0.0.1"), actionName: name, params: params,
                messageID: .text("1"), pendingCount: pendingCount))
    }

    /// Lines of the log file without their times.
    func log() throws -> [JSON.Object] {
        process.application.log.flush()
        return try project.read("log/test-\(process.application.configuration.environment).log").split(separator: "\n")
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
