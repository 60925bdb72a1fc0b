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

    private let state = Mutex(State())
    package let identifier: Int32

    /// Starts it.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - executable: Another `hero`, or a program that becomes one.
    ///   - directory: The working directory.
    ///   - environment: Replaces the environment, except for PATH and HOME.
    ///   - inherited: Become its descriptors 3, 4 and so on; still the caller's.
    /// - Throws: An error when it cannot be started.
    package init(
        _ arguments: [String], executable: String = Stage.hero, directory: String, environment: [String: String],
        inherited: [Int32] = []
    ) throws {
        var ends: [Int32] = [0, 0]
        // A pipe cannot be made close-on-exec in one step here, and would leak into programs started meanwhile.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Gone(description: "no pair of sockets: \(String(cString: strerror(errno)))")
        }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(writing) }
        identifier = try Child.start(
            executable, arguments, directory: directory, environment: environment, output: writing, error: writing,
            inherited: inherited)
        Child.wait(for: identifier) { [weak self] code in self?.change { $0.exitCode = code } }
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var count = 1
            while count > 0 {
                count = read(reading, &buffer, buffer.count)
                if count < 0, errno == EINTR { count = 1 } else { self?.take(Data(buffer[..<max(0, count)])) }
            }
            close(reading)
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
