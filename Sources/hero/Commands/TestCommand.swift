// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroBundles
import HeroRuntime

struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Build the project and run its tests, the files called *Tests.swift.",
        discussion: """
            Tests use Swift Testing and run inside this process, in the environment test, with no server. They have no \
            Redis either, unless the configuration says so: --set redis.enabled=true.
            """)

    @Argument(help: "Files or directories; all tests when none is given.")
    var paths: [String] = []

    @OptionGroup var options: ProjectOptions

    @Option(
        help: """
            Run only tests whose name matches this regular expression, the one that is shown or the identifier, such as \
            GreetTests/greets.
            """)
    var filter: String?

    func run() async throws {
        let filter = try filter.map(TestFilter.init)
        let code = try await ProjectTests(paths: paths, filter: filter, options: options).run()
        if code != 0 { throw ExitCode(code) }
    }
}
