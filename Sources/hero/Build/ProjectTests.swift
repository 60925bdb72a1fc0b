// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroCore
import HeroSystem
import Subprocess
import SystemPackage

/// Builds a project with its tests and runs them inside this process.
///
/// All test files become one bundle. A command is compiled into it that hands over to Swift Testing, so the tests are
/// found and run the way everything else in a bundle is.
struct ProjectTests {
    let paths: [String]
    let filter: String?
    let options: ProjectOptions

    private static let bundle = "tmp/build/tests.so"
    private static let runnerName = "tests of this project"

    /// - Returns: The exit code: 0 when all tests passed.
    func run() async throws -> Int32 {
        let tests = try testFiles()
        guard !tests.isEmpty else {
            throw CommandFailure("there are no tests: files called *Tests.swift beside what they test")
        }
        let sources = try ProjectSources(in: Project.root)
        let builder = try await BuildCommand.builder(.release, sources.libraries)
        var project = ProjectBuild(builder: builder, progress: BuildProgress())
        guard try await project.run(sources) else { return 1 }
        // Not optimized: several files are optimized as a whole, which drops internal types that no code mentions.
        var unoptimized = project.builder
        unoptimized.mode = .debug
        guard try await build(tests, unoptimized) else { return 1 }
        return try await runBundle()
    }

    private func testFiles() throws -> [String] {
        var files: [String] = []
        for role in BundleRole.allCases {
            files += try BundleCandidate.files(below: role.kind.directory, in: Project.root, suffix: "Tests.swift")
        }
        guard !paths.isEmpty else { return files }
        return files.filter { file in paths.contains { file == $0 || file.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
        }
    }

    private func build(_ tests: [String], _ builder: BundleBuilder) async throws -> Bool {
        let runner = "tmp/build/testRunner.swift"
        var trust = ProjectTrust(root: Project.root)
        try trust.check([runner])
        try FileContents.createDirectory("\(Project.root)/tmp/build", mode: 0o700)
        try FileContents.replace("\(Project.root)/\(runner)", with: Self.runnerSource.utf8, mode: 0o644)
        let outcome = try await builder.build(
            BundleBuilder.Product(
                sources: tests + [runner], module: "tests", output: Self.bundle, staysHere: true))
        switch outcome {
        case .failed(let diagnostics):
            Terminal.error(diagnostics)
            return false
        case .built(let diagnostics):
            Terminal.error(diagnostics)
            return true
        case .upToDate: return true
        }
    }

    private static let runnerSource = """
        import ActionHero
        import Testing

        struct TestRunner: Command {
            static let name = "\(runnerName)"

            func run(_ application: Application) async throws {
                let code: CInt = await Testing.__swiftPMEntryPoint()
                if code != 0 { throw ActionError("tests failed", code: String(code)) }
            }
        }

        """

    private func runBundle() async throws -> Int32 {
        var setup = options.setup(.command)
        if setup.flags.environmentName == nil { setup.flags.environmentName = "test" }
        let application = try Refusal.reported { try setup.makeApplication() }
        let kind = HostedProcess.Kind(
            servers: .none, redis: { try ProcessRedis(command: $0) }, bundles: { try Self.loadBundles($0) })
        let hosted = try await Refusal.awaited { try await HostedProcess(application, kind) }
        let (process, redis) = (hosted.process, hosted.redis)
        guard let runner = process.commands.first(where: { $0.name == Self.runnerName }) else {
            await redis.close()
            throw CommandFailure("the test runner was not found in \(Self.bundle)")
        }
        let web = SpecServer(process, on: redis.loop)
        SpecHelper.install(process.application, web: web)
        let code: Int32
        do {
            code = try await run(runner, in: process, web, hasRedis: redis.clients != nil)
        } catch {
            await redis.close()
            throw CommandFailure("\(error)")
        }
        await redis.close()
        withExtendedLifetime(hosted) {}
        return code
    }

    /// Those of the project, and the one with its tests.
    private static func loadBundles(_ application: HeroApplication) throws -> ([LoadedBundle], HeldGeneration) {
        let candidates =
            try ProjectBundles.collect(in: Project.root) + [BundleCandidate(role: .command, path: Self.bundle)]
        let store = GenerationStore(
            projectRoot: Project.root, maximumSize: application.core.general.bundles.maximumSize)
        let (held, _) = try store.freeze(
            candidates, configuration: application.configuration.fingerprint, host: HostInterface.current())
        var loader = BundleLoader(held)
        let bundles = try loader.load()
        MainThread.bundlesAreLoaded()
        return (bundles, held)
    }

    private func run(
        _ runner: CommandRecord, in process: HeroProcess, _ web: SpecServer, hasRedis: Bool
    ) async throws -> Int32 {
        try await process.initialize()
        if hasRedis { try await process.application.shared.start() }
        try await process.startInitializers()
        var code: Int32 = 0
        do {
            try await runner.run([:], process.application.facade)
        } catch {
            code = 1
        }
        await web.stop()
        await process.stopInitializers()
        if hasRedis { await process.application.shared.stop() }
        return code
    }
}
