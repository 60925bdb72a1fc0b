// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import NIOCore

// Responses that are produced piece by piece.
extension RequestResponder {
    /// - Returns: Ends when the sequence does, or is cancelled with the connection; the process waits for it in drain().
    func produce(_ stream: ByteStream, _ exchange: WebExchange) -> Task<Void, Never> {
        let eventLoop = shared.loop.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return shared.processor.detached {
            do {
                try await stream.produce { chunk in
                    try await withCheckedThrowingContinuation { continuation in
                        eventLoop.execute { bound.value.write(chunk, exchange, continuation) }
                    }
                }
                eventLoop.execute { bound.value.streamEnded(stream, nil, exchange) }
            } catch {
                eventLoop.execute { bound.value.streamEnded(stream, error, exchange) }
            }
        }
    }

    private func write(
        _ chunk: [UInt8], _ exchange: WebExchange, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard isAnswering(exchange), let transport else {
            continuation.resume(throwing: CancellationError())
            return
        }
        if chunk.isEmpty || transport.sendChunk(chunk) {
            continuation.resume()
        } else {
            streamWaiter = continuation
        }
    }

    /// The client has taken enough of what was sent.
    func canWrite() {
        streamWaiter?.resume()
        streamWaiter = nil
    }
}
