// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// Responses as HTTP/1.1 sends them.
extension WebChannelHandler: ResponseTransport {
    func send(_ response: WebResponse, _ exchange: WebExchange) {
        guard let context else { return }
        let keepsAlive = keepsAlive(exchange)
        write(shared.responses.writeHTTP1(response, exchange, keepsAlive: keepsAlive), context)
        endExchange(keepsAlive: keepsAlive, context)
    }

    func send(_ response: WebResponse, _ file: FileBody, _ exchange: WebExchange) {
        guard let context else { return }
        // What the head says holds, even when the server begins to stop before the body has left.
        let keepsAlive = keepsAlive(exchange)
        if let bytes = file.singleBytes {
            // A second piece costs the kernel more than copying a small one.
            let isCopied = bytes.readableBytes <= Self.copiedBytes
            write(
                shared.responses.writeHTTP1(response, exchange, keepsAlive: keepsAlive, body: isCopied ? bytes : nil),
                context)
            if !isCopied { write(bytes, context) }
            return endExchange(keepsAlive: keepsAlive, context)
        }
        write(shared.responses.writeHTTP1(response, exchange, keepsAlive: keepsAlive), context)
        // Only a connection that is closing takes no handlers.
        guard let sender = addFileSender(context) else { return context.close(promise: nil) }
        awaitWriting(context)
        progress.queuedBytes += file.count
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        file.write(to: sender, context.eventLoop).whenComplete { result in
            switch result {
            case .success: bound.value.handler.endExchange(keepsAlive: keepsAlive, bound.value.context)
            // Without the rest the client knows that the body is not whole.
            case .failure: bound.value.context.close(promise: nil)
            }
        }
    }

    /// Always, since HTTP/1.1 sends one response at a time.
    func takesFile() -> Bool { true }

    /// Largest body that leaves in one buffer with its head.
    private static let copiedBytes = 16_384

    func beginStream(_ response: WebResponse, _ exchange: WebExchange) {
        guard let context else { return }
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
        let isChunked = exchange.head.minorVersion == 1
        streamFraming = StreamFraming(isChunked: isChunked, keepsAlive: keepsAlive(exchange) && isChunked)
        let head = shared.responses.writeHTTP1(
            response, exchange, keepsAlive: streamFraming.keepsAlive, isChunked: isChunked)
        if !response.hasBody { streamFraming.isChunked = false }
        write(head, context)
    }

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        guard let context else { return true }
        var buffer = context.channel.allocator.buffer(capacity: chunk.count + 20)
        if streamFraming.isChunked { buffer.writeString(String(chunk.count, radix: 16) + "\r\n") }
        buffer.writeBytes(chunk)
        if streamFraming.isChunked { buffer.writeStaticString("\r\n") }
        write(buffer, context)
        if context.channel.isWritable { return true }
        awaitWriting(context)
        return false
    }

    func closesAfterStream() { streamFraming.keepsAlive = false }

    func endStream() {
        guard let context else { return }
        if streamFraming.isChunked { write(ByteBuffer(string: "0\r\n\r\n"), context) }
        endExchange(keepsAlive: streamFraming.keepsAlive, context)
    }

    /// Without its last chunk the client knows that the body is not whole.
    func abortStream() { context?.close(promise: nil) }
}
