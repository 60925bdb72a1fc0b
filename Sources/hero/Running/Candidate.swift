// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroCluster
import HeroConfiguration
import HeroRuntime
import HeroShared
import HeroSystem
import Subprocess
import SystemPackage

/// A child process that tries what is on disk: it loads the bundles, runs the initializers, stops, and says how it went.
enum Candidate {
    enum Outcome {
        /// With the number of the generation that it has loaded.
        case accepted(generation: Int?)
        case refused([CandidateOutput.Line])

        static func refused(_ message: String) -> Outcome {
            .refused([CandidateOutput.Line(level: .error, message: message)])
        }

        var problems: [CandidateOutput.Line] {
            if case .refused(let lines) = self { return lines }
            return []
        }
    }

    /// Set in the child's environment, to what it must not take away.
    static let variable = "HERO_CANDIDATE"

    /// What runs now, as it was when it was loaded.
    struct Running: Codable {
        /// Names of actions.
        var actions: [String]
        /// How many files the configuration has.
        var configurationFiles: Int
        /// Where its servers listen.
        var listeners: [ClusterPlan.Listener]

        /// What a variable of the environment has room for.
        private static let longestList = 64_000

        init(_ hosted: HostedProcess) throws {
            let process = hosted.process
            listeners = hosted.listeners
            actions = []
            var length = 0
            for name in Set(process.processor.actions.all.map(\.name)).sorted() where length < Self.longestList {
                actions.append(name)
                length += name.utf8.count + 3
            }
            configurationFiles = try process.application.configuration.fileCount
        }

        /// What somebody who copies a project and is half done would lose.
        func loss(in other: Running) -> String? {
            DeployWords.lostConfiguration(
                Project.root, offered: other.configurationFiles, served: configurationFiles)
                ?? DeployWords.lostActions("the new generation", offered: other.actions, served: actions)
        }

        static let advice = " – if that is wanted, stop the process and start it again"
    }

    /// How long initializers may take before the candidate counts as hung.
    private static let limit = Duration.seconds(30)

    /// Starts a candidate with the arguments of this process, which runs this, and waits for it.
    ///
    /// What the candidate has started may keep its output open for ever; it is not waited for longer than the candidate.
    static func run(_ setup: ProcessSetup, beside running: Running?) async -> Outcome {
        let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self, bufferingPolicy: .bufferingOldest(1))
        let trial = Task { continuation.yield(await attempt(beside: running)) }
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.yield(.refused("an initializer has not returned after \(limit) (HB305)"))
        }
        defer {
            trial.cancel()
            timer.cancel()
        }
        for await outcome in outcomes { return outcome }
        return .refused("the candidate was given up")
    }

    private static func attempt(beside running: Running?) async -> Outcome {
        do {
            let layout = try InstallLayout.current()
            let orders = try running.map { try JSON($0).description } ?? "1"
            let result = try await Subprocess.run(
                .path(FilePath(SingleProcess.runningImage)),
                arguments: Arguments(
                    executablePathOverride: layout.executable,
                    remainingValues: Array(CommandLine.arguments.dropFirst())),
                environment: .inherit.updating([
                    Environment.Key(stringLiteral: variable): orders,
                    "SWIFT_BACKTRACE": Project.environment["SWIFT_BACKTRACE"] ?? backtrace,
                ]),
                platformOptions: ownGroup,
                output: .discarded,
                error: .string(limit: 1 << 20))
            let output = CandidateOutput(result.standardError)
            if result.terminationStatus.isSuccess { return .accepted(generation: output.generation) }
            return .refused(output.problems(of: result.terminationStatus))
        } catch {
            return .refused("the candidate could not be run: \(error)")
        }
    }

    /// Of a crash, to be read in the log, in less time than the candidate has.
    private static let backtrace =
        "enable=yes,interactive=no,color=no,threads=crashed,registers=none,images=none,timeout=20s,output-to=stderr"

    /// A process group of its own: a candidate that is given up is killed with all that it has started.
    private static var ownGroup: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(1))
        ]
        return options
    }

    /// The child's side.
    ///
    /// - Returns: What the child ends with.
    static func main(_ setup: ProcessSetup, _ orders: String) async throws -> Int32 {
        var setup = setup
        setup.logMode = .passedOn
        let application = try Refusal.reported { try setup.makeApplication() }
        ProcessLimits.limitMemory(application.core.general.bundles.candidateMemory ?? ProcessLimits.halfOfTheMachine)
        // A candidate that ends with 0 is accepted.
        UnaskedEnd.watch { Terminal.error("Error: \($0)") }
        let companions = CompanionFiles(projectRoot: Project.root)
        let copies = try ConfigurationCopies.make(of: application, setup)
        let kind = HostedProcess.Kind(
            servers: .check,
            redis: { try ProcessRedis(using: $0, socket: nil, files: companions) },
            bundles: {
                CandidateOutput.note("loading bundles")
                let loaded = try Project.loadBundles($0, isServing: true, companions: companions, copies: copies)
                CandidateOutput.note(generation: loaded.held.generation.number)
                return loaded
            },
            files: companions,
            onStep: { step, initializer in
                CandidateOutput.note("initializer `\(initializer)` has not returned from \(step)")
            })
        let hosted = try await Refusal.awaited { try await HostedProcess(application, kind) }
        let process = hosted.process
        let running = try? JSON(parsing: Array(orders.utf8)).decode(Running.self)
        if let loss = try running?.loss(in: Running(hosted)) {
            throw CommandFailure(loss + Running.advice, exitCode: SingleProcess.refusedExitCode)
        }
        if let problem = running.flatMap({ SocketTrial.problem(hosted.listeners, beside: $0.listeners) }) {
            throw CommandFailure(problem, exitCode: SingleProcess.refusedExitCode)
        }
        do {
            try await process.initialize()
            try await process.startInitializers()
        } catch {
            throw CommandFailure("\(error)", exitCode: SingleProcess.refusedExitCode)
        }
        await process.stopInitializers()
        await hosted.redis.close()
        return 0
    }
}

extension EffectiveConfiguration {
    /// How many files its directories have.
    var fileCount: Int {
        get throws {
            try directories.reduce(0) { count, directory in
                try [".yml", ".yaml"].reduce(count) {
                    try $0 + DirectoryTree.files(below: "", in: directory, suffix: $1).count
                }
            }
        }
    }
}
