// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

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
        let (output, error) = (try Scratch(), try Scratch())
        let identifier = try Child.start(
            executable, arguments, directory: directory, environment: environment, output: output.descriptor,
            error: error.descriptor)
        let code = await withCheckedContinuation { continuation in
            Child.wait(for: identifier) { continuation.resume(returning: $0) }
        }
        return Finished(code: code, output: output.text, error: error.text)
    }

    /// A file without a name: unlike a pipe it is never full, and nothing has to read it while the program runs.
    private final class Scratch: Sendable {
        let descriptor: Int32

        init() throws {
            let path = "\(NSTemporaryDirectory())/hero-output-\(UUID().uuidString)"
            descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw Child.CannotStart(description: "no temporary file: \(String(cString: strerror(errno)))")
            }
            unlink(path)
        }

        deinit { close(descriptor) }

        var text: String {
            let size = Int(lseek(descriptor, 0, SEEK_END))
            let bytes = [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
                count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
