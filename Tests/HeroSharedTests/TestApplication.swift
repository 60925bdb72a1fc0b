// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroConfiguration
import HeroLog
import HeroRuntime
import HeroShared
import HeroTestSupport

/// The first stage of a process.
struct TestApplication {
    let project: TestProject
    let application: HeroApplication

    /// - Parameters:
    ///   - overrides: Configuration, as `ACTIONHERO_CONFIG_OVERRIDES` holds it.
    ///   - environment: The section of the configuration.
    /// - Throws: What keeps a process from being made.
    init(overrides: JSON = [:], environment: String = "development") throws {
        project = try TestProject(["config/empty.yml": "default: {}\n"])
        let setup = ProcessSetup(
            projectRoot: project.root,
            environment: [
                "ACTIONHERO_CONFIG_OVERRIDES": overrides.description, "ACTIONHERO_ENV": environment,
                "LOG_LEVEL": "debug", "ACTIONHERO_TITLE": "test",
            ])
        application = try setup.makeApplication()
    }

    /// The log file as it is.
    func logText() throws -> String {
        application.log.flush()
        return try project.read("log/test-\(application.configuration.environment).log")
    }
}
