// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The command that is compiled into each module of tests and hands over to Swift Testing, which finds the tests of all of
/// them.
enum TestRunner {
    /// What Swift Testing ends with when no test was there to be run.
    static let noTestsCode = "69"
    /// Where the runner leaves the name of the test that ends the process.
    static let endedVariable = "HERO_TEST_ENDED_IN"

    static func commandName(_ module: TestModules.Module) -> String { "tests of \(module.name)" }

    /// - Parameter module: What it becomes part of.
    /// - Returns: Swift.
    static func source(_ module: TestModules.Module) -> String {
        """
        import ActionHero
        import Glibc
        import Testing

        /// The host calls it on the thread that ends the process: only there it is known in which test that is.
        private func noteTest() {
            if let test = Test.current { setenv("\(endedVariable)", test.displayName ?? test.name, 1) }
        }

        @_silgen_name("hero_note_before_end")
        private func noteBeforeEnd(_ note: @convention(c) () -> Void)

        struct HeroTestRunner: Command {
            static let name = "\(commandName(module))"

            @Input("Where to write what happens") var events: String
            @Input("Which tests to run, a regular expression") var pattern: String?
            @Input("Whether to list the tests and run none") var lists = false

            func run(_ application: Application) async throws {
                var arguments = __CommandLineArguments_v0()
                arguments.eventStreamOutputPath = events
                arguments.eventStreamSchemaVersion = "0"
                arguments.filter = pattern.map { [$0] }
                if lists {
                    arguments.listTests = true
                    arguments.verbosity = .min
                } else {
                    noteBeforeEnd(noteTest)
                }
                let code: CInt = await __swiftPMEntryPoint(passing: arguments)
                if code != 0 { throw ActionError("tests failed", code: String(code)) }
            }
        }

        """
    }
}
