// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroCore

/// What `hero action` prints: all that a client would get but what only HTTP has.
enum ActionOutput {
    /// Prints the answer to standard output, and that of an action that failed to standard error.
    ///
    /// - Returns: The exit code.
    /// - Throws: What a stream of the action throws; `CommandFailure` when standard output takes no more.
    static func write(_ call: ActionCall) async throws -> Int32 {
        let response = call.response
        if call.result?.error != nil || response.hasError {
            Terminal.error(response.data.text(indent: 2))
            return 1
        }
        switch response.body?.content {
        case nil: print(response.data.text(indent: 2))
        case .bytes(let bytes): try put(bytes)
        case .stream(let stream):
            try await stream.produce { try put($0) }
            try put(stream.finish())
        case .file(let path):
            Terminal.error("the action answers the public file \(path); only servers send files")
            return 1
        }
        return 0
    }

    /// - Throws: `CommandFailure` when standard output takes no more.
    private static func put(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CommandFailure("cannot write the answer: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }
}
