// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What a program that has ended left behind.
package struct Finished: Sendable {
    /// The exit code; negative for a signal.
    package let code: Int32
    package let output: String
    package let error: String
}

/// Programs that run until they end.
package enum Program {
    /// - Parameters:
    ///   - executable: A path, or a name that PATH leads to.
    ///   - arguments: Its arguments.
    ///   - directory: The working directory.
    ///   - environment: Replaces the environment, except for PATH and HOME.
    /// - Returns: What it printed and its exit code.
    /// - Throws: An error when it cannot be started.
    package static func run(
        _ executable: String, _ arguments: [String], directory: String, environment: [String: String] = [:]
    ) async throws -> Finished {
        let process = make(executable, arguments, directory: directory, environment: environment)
        let (output, error) = (Collector(), Collector())
        process.standardOutput = output.pipe
        process.standardError = error.pipe
        process.standardInput = FileHandle.nullDevice
        let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { process in
                let code = process.terminationStatus
                continuation.resume(returning: process.terminationReason == .uncaughtSignal ? -code : code)
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return await Finished(code: code, output: output.text(), error: error.text())
    }

    static func make(
        _ executable: String, _ arguments: [String], directory: String, environment: [String: String]
    ) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable.hasPrefix("/") ? executable : "/usr/bin/env")
        process.arguments = executable.hasPrefix("/") ? arguments : [executable] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let ours = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) }
        process.environment = ours.merging(environment) { $1 }
        return process
    }

    /// Collects what a pipe brings until its other end is closed.
    private final class Collector: Sendable {
        let pipe = Pipe()
        private let data = Mutex(Data())
        private let ended = AsyncStream.makeStream(of: Never.self)

        init() {
            PipeReader.start(pipe) { [self] chunk in
                if chunk.isEmpty {
                    ended.continuation.finish()
                } else {
                    data.withLock { $0.append(chunk) }
                }
            }
        }

        func text() async -> String {
            for await _ in ended.stream {}
            return data.withLock { String(decoding: $0, as: UTF8.self) }
        }
    }
}
