// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// Answers text of a length, with the headers that the test names.
struct Sized: Action {
    @Input("How many characters") var count: Int
    @Input("Instead of JSON") var type: String?
    @Input("A header, its name and value separated by a colon") var header: String?
    @Input("Whether to answer with send()") var sent: Bool = false

    struct Output: Encodable { let text: String }

    static func text(_ count: Int) -> String {
        String(String(repeating: "All work and no play makes Jack a dull boy. ", count: count / 44 + 1).prefix(count))
    }

    func run(_ context: Context) async throws -> Output {
        if let header {
            let parts = header.split(separator: ":", maxSplits: 1).map(String.init)
            context.response.addHeader(parts[0], parts[1])
        }
        if let type, sent {
            context.response.send(Self.text(count), headers: ["Content-Type": type])
        } else if let type {
            context.response.addHeader("Content-Type", type)
        }
        return Output(text: Self.text(count))
    }
}

/// Answers noise, which does not become smaller.
struct Noise: Action {
    func run(_ context: Context) async throws -> NoOutput {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
        context.response.send(bytes, headers: ["Content-Type": "text/plain"])
        return NoOutput()
    }
}

/// Sends a first piece, and a second one when its gate opens.
struct Pieces: Action {
    @Input("Name of the gate") var gate: String

    func run(_ context: Context) async throws -> NoOutput {
        let gate = gate
        let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
            let task = Task {
                continuation.yield(Array("first piece\n".utf8))
                await Gates.named(gate).wait()
                continuation.yield(Array("second piece\n".utf8))
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
        context.response.send(stream: stream, headers: ["Content-Type": "text/plain"])
        return NoOutput()
    }
}
