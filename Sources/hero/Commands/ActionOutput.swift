// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime

/// What `hero action` prints: all that a client would get but what only HTTP has.
enum ActionOutput {
    /// Prints the answer to standard output, and that of an action that failed to standard error.
    ///
    /// - Returns: The exit code.
    /// - Throws: What a stream of the action throws; `CommandFailure` when standard output takes no more.
    static func write(_ call: ActionCall) async throws -> Int32 {
        let response = call.response
        if call.result?.error != nil || response.hasError {
            Terminal.error(response.data)
            return 1
        }
        switch response.body?.content {
        case nil: try ReservedOutput.print(response.data)
        case .bytes(let bytes): try ReservedOutput.write(bytes)
        case .stream(let stream):
            try await stream.produce { try ReservedOutput.write($0) }
            try ReservedOutput.write(stream.finish())
        case .file(let path):
            Terminal.error("the action answers the public file \(path); only servers send files")
            return 1
        }
        return 0
    }
}
