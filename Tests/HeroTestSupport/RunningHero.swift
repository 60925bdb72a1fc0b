// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A `hero` process with the lines it writes.
package final class RunningHero: Sendable {
    package struct Gone: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var lines: [String] = []
        var rest = Data()
        var exitCode: Int32?
        var hasEnded = false
        var waiters: [@Sendable (State) -> Bool] = []
    }

    private let process: Process
    private let state = Mutex(State())
    package let identifier: Int32

    init(_ arguments: [String], directory: String, environment: [String: String]) throws {
        process = Program.make(Stage.hero, arguments, directory: directory, environment: environment)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        let ended = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            let code = process.terminationStatus
            ended.continuation.yield(process.terminationReason == .uncaughtSignal ? -code : code)
            ended.continuation.finish()
        }
        try process.run()
        identifier = process.processIdentifier
        PipeReader.start(pipe) { [weak self] in self?.take($0) }
        Task { [weak self] in
            for await code in ended.stream { self?.change { $0.exitCode = code } }
        }
    }

    deinit { if state.withLock({ $0.exitCode == nil }) { Foundation.kill(identifier, SIGKILL) } }

    private func take(_ chunk: Data) {
        change { state in
            guard !chunk.isEmpty else {
                state.hasEnded = true
                return
            }
            state.rest.append(chunk)
            while let newline = state.rest.firstIndex(of: 10) {
                state.lines.append(String(decoding: state.rest[..<newline], as: UTF8.self))
                state.rest = Data(state.rest[(newline + 1)...])
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            let now = state
            state.waiters.removeAll { $0(now) }
        }
    }

    /// Waits until the condition holds.
    private func wait<T: Sendable>(for body: @escaping @Sendable (State) -> Result<T, Gone>?) async throws -> T {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, Gone>, Never>) in
            state.withLock { state in
                if let result = body(state) { return continuation.resume(returning: result) }
                state.waiters.append { state in
                    guard let result = body(state) else { return false }
                    continuation.resume(returning: result)
                    return true
                }
            }
        }
        return try result.get()
    }

    package var lines: [String] { state.withLock { $0.lines } }

    /// The text of all lines that match, without their time.
    package var messages: [String] {
        lines.map { line in
            guard let dash = line.range(of: "Z - ") else { return line }
            return String(line[dash.upperBound...])
        }
    }

    /// Waits for a line.
    ///
    /// - Parameters:
    ///   - text: What it contains.
    ///   - start: How many lines to skip.
    /// - Returns: The line.
    /// - Throws: ``Gone`` with everything written when the process ended without such a line.
    @discardableResult
    package func line(containing text: String, after start: Int = 0) async throws -> String {
        try await wait { state in
            if let line = state.lines.dropFirst(start).first(where: { $0.contains(text) }) { return .success(line) }
            guard state.hasEnded, state.exitCode != nil else { return nil }
            let lines = state.lines.joined(separator: "\n")
            return .failure(Gone(description: "no line contains `\(text)`; the process wrote\n\(lines)"))
        }
    }

    package func waitUntilServing() async throws {
        try await line(containing: "Started ***")
    }

    /// The port of the web server.
    package var port: Int {
        get async throws {
            let line = try await line(containing: "Starting server: `web` @")
            return line.split(separator: ":").last.flatMap { Int($0) } ?? 0
        }
    }

    package func send(_ signal: Int32) { Foundation.kill(identifier, signal) }

    /// Waits for the end.
    ///
    /// - Returns: The exit code; negative for a signal.
    @discardableResult
    package func exitCode() async throws -> Int32 {
        try await wait { state in state.hasEnded ? state.exitCode.map { .success($0) } : nil }
    }

    /// Stops it as an operator would.
    @discardableResult
    package func stop() async throws -> Int32 {
        send(SIGTERM)
        return try await exitCode()
    }
}
