// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroCore
import HeroServers
import Subprocess
import SystemPackage

/// A child process that tries what is on disk: it loads the bundles, runs the initializers, stops, and says how it went.
enum Candidate {
    enum Outcome {
        case accepted
        case refused([String])

        var problems: [String] {
            if case .refused(let lines) = self { return lines }
            return []
        }
    }

    /// Set in the child's environment.
    static let variable = "HERO_CANDIDATE"

    /// How long initializers may take before the candidate counts as hung.
    private static let limit = Duration.seconds(30)

    /// Starts a candidate with the arguments of this process and waits for it.
    static func run(_ setup: ProcessSetup) async -> Outcome {
        do {
            let layout = try InstallLayout.current()
            return try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask {
                    let result = try await Subprocess.run(
                        .path(FilePath(layout.executable)),
                        arguments: Arguments(Array(CommandLine.arguments.dropFirst())),
                        environment: .inherit.updating([Environment.Key(stringLiteral: variable): "1"]),
                        output: .discarded,
                        error: .string(limit: 1 << 20))
                    if result.terminationStatus.isSuccess { return .accepted }
                    let lines = result.standardError.split(separator: "\n").map(String.init)
                    return .refused(lines.isEmpty ? ["the candidate ended with \(result.terminationStatus)"] : lines)
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                let first = try await group.next() ?? nil
                return first ?? .refused(["an initializer has not returned after \(limit) (HB305)"])
            }
        } catch {
            return .refused(["the candidate could not be run: \(error)"])
        }
    }

    /// The child's side.
    ///
    /// - Returns: What the child ends with.
    static func main(_ setup: ProcessSetup) async throws -> Int32 {
        var setup = setup
        setup.logMode = .command
        let application = try Refusal.reported { try setup.makeApplication() }
        ProcessLimits.limitMemory(application.core.general.bundles.candidateMemory ?? ProcessLimits.halfOfTheMachine)
        let redis = try Refusal.reported { try ProcessRedis(using: application, socket: nil) }
        let process = try Refusal.reported {
            _ = try WebServerPlan(application)
            let (bundles, _) = try Project.loadBundles(application, isServing: true)
            return try HeroProcess(application, bundles: bundles)
        }
        do {
            try await process.initialize()
            try await process.startInitializers()
        } catch {
            throw CommandFailure("\(error)", exitCode: SingleProcess.refusedExitCode)
        }
        await process.stopInitializers()
        await redis.close()
        return 0
    }
}
