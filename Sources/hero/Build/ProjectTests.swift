// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroShared
import HeroSystem
import Subprocess
import SystemPackage

/// Builds a project with its tests and runs them inside this process.
///
/// The test files of each directory become one bundle. A command is compiled into it that hands over to Swift Testing, so
/// the tests are found and run the way everything else in a bundle is.
struct ProjectTests {
    let paths: [String]
    let filter: TestFilter?
    let options: ProjectOptions

    private static let events = "\(TestModules.directory)/events.jsonl"

    /// - Returns: The exit code: 0 when all tests passed.
    func run() async throws -> Int32 {
        try Project.require()
        let tests = try testFiles()
        let sources = try ProjectSources(in: Project.root)
        MisnamedSources.report(in: Project.root)
        let builder = try await BundleBuilder.make(.release, sources.libraries)
        var project = ProjectBuild(builder: builder, progress: BuildProgress())
        guard try await project.run(sources) else { return 1 }
        // Not optimized: several files are optimized as a whole, which drops internal types that no code mentions.
        var unoptimized = project.builder
        unoptimized.mode = .debug
        let modules = TestModules(tests).modules
        guard try await build(modules, unoptimized) else { return 1 }
        return try await runBundles(modules)
    }

    private func testFiles() throws -> [String] {
        let files = try SourceFiles.tests(in: Project.root)
        guard !files.isEmpty else {
            throw CommandFailure("there are no tests: files called *Tests.swift beside what they test")
        }
        guard !paths.isEmpty else { return files }
        var chosen: Set<String> = []
        for path in paths {
            let wanted = ProjectSources.relative(path, to: Project.root)
            let found = files.filter { ProjectSources.contains(wanted, $0) }
            guard !found.isEmpty else {
                throw CommandFailure("\(path) holds no tests: those are files called *Tests.swift in the project")
            }
            chosen.formUnion(found)
        }
        return files.filter(chosen.contains)
    }

    private func build(_ modules: [TestModules.Module], _ builder: BundleBuilder) async throws -> Bool {
        var trust = ProjectTrust(root: Project.root)
        try trust.check(modules.map(\.runner))
        try FileContents.createDirectory("\(Project.root)/\(TestModules.directory)", mode: 0o700)
        for module in modules {
            let source = TestRunner.source(module)
            try FileContents.replace("\(Project.root)/\(module.runner)", with: source.utf8, mode: 0o644)
        }
        return try await ProjectBuild.build(modules.map(\.product), builder) { _, outcome in
            switch outcome {
            case .failed(let diagnostics), .built(let diagnostics): Terminal.error(diagnostics)
            case .upToDate: break
            }
        }
    }

    private func runBundles(_ modules: [TestModules.Module]) async throws -> Int32 {
        var setup = options.setup(.command)
        if setup.flags.environmentName == nil { setup.flags.environmentName = "test" }
        let application = try Refusal.reported { try setup.makeApplication() }
        let kind = HostedProcess.Kind(
            servers: .none, redis: { try ProcessRedis(command: $0) }, bundles: { try Self.loadBundles($0, modules) })
        let events = "\(Project.root)/\(Self.events)"
        unlink(events)
        UnfinishedTests.begin(events)
        defer { UnfinishedTests.end() }
        let hosted = try await Refusal.awaited { try await HostedProcess(application, kind) }
        let (process, redis) = (hosted.process, hosted.redis)
        // Any of them runs the tests of all.
        guard let module = modules.first,
            let runner = process.commands.first(where: { $0.name == TestRunner.commandName(module) })
        else {
            await redis.close()
            throw CommandFailure("the test runner was not found in \(TestModules.directory)")
        }
        let web = SpecServer(process, on: redis.loop)
        let tasks = SpecTasks(process.tasks, process.application)
        process.application.install(tasks.recorder)
        SpecHelper.install(process.application, web: web, tasks: tasks)
        let code: Int32
        do {
            code = try await run(runner, in: process, web, redis.services)
        } catch {
            await redis.close()
            throw CommandFailure("\(error)")
        }
        await redis.close()
        withExtendedLifetime(hosted) {}
        return code
    }

    /// Loads the project's bundles, and those with its tests.
    private static func loadBundles(
        _ application: HeroApplication, _ modules: [TestModules.Module]
    ) throws -> ([LoadedBundle], HeldGeneration) {
        let candidates =
            try ProjectBundles.collect(in: Project.root)
            + modules.map { BundleCandidate(role: .command, path: $0.output) }
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
        _ runner: CommandRecord, in process: HeroProcess, _ web: SpecServer, _ services: SharedServices?
    ) async throws -> Int32 {
        try await process.initialize()
        try await services?.start()
        try await process.startInitializers()
        let code = await outcome(of: runner, process.application.facade)
        await web.stop()
        await process.stopInitializers()
        await services?.stop()
        return code
    }

    private func outcome(of runner: CommandRecord, _ application: Application) async -> Int32 {
        let events = "\(Project.root)/\(Self.events)"
        var inputs: JSON.Object = ["events": .string(events)]
        do {
            if let filter {
                try await runner.run(["events": .string(events), "lists": true], application)
                inputs["pattern"] = .string(filter.identifiers(of: TestEvents(events).tests))
            }
            try await runner.run(inputs, application)
            return 0
        } catch let error as ActionError where error.code == TestRunner.noTestsCode {
            let reason = filter.map { "no test matches --filter '\($0.pattern)', by its identifier or by its name" }
            Terminal.error("Error: \(reason ?? "the test files hold no tests, functions marked @Test")")
            return 1
        } catch let error as ActionError {
            if error.code == nil { Terminal.error("Error: \(error)") }
            return 1
        } catch {
            Terminal.error("Error: \(error)")
            return 1
        }
    }
}
