// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2
internal import NIOPosix

extension HTTP2Stream: ResponseTransport {
    func send(_ response: WebResponse, _ exchange: WebExchange) {
        connection?.returnsFileTurn(self)
        respond(response, exchange)
    }

    func takesFile() -> Bool { connection?.takesFile(self) ?? false }

    func send(_ response: WebResponse, _ file: FileBody, _ exchange: WebExchange) {
        begin(response, exchange, isEnd: false)
        guard connection != nil else { return }
        if let bytes = file.singleBytes {
            connection?.returnsFileTurn(self)
            return write(bytes, isEnd: true)
        }
        if file.pieces.isEmpty { return write(ByteBuffer(), isEnd: true) }
        let sender = HTTP2FileSender(file, self)
        self.file = sender
        awaitClient()
        sender.canWrite()
    }

    func beginStream(_ response: WebResponse, _ exchange: WebExchange) {
        begin(response, exchange, isEnd: !response.hasBody)
    }

    /// What HTTP/1.1 does to the connection.
    func closesAfterStream() { connection?.leave() }

    func abortStream() { reset(.internalError) }
}

/// Reads a file as fast as the client takes it, on threads that may wait for the disk.
///
/// Nothing is read for a client whose window is closed: it would cost the server memory and the client nothing.
final class HTTP2FileSender {
    /// The pieces that are still to be sent.
    private var pieces: ArraySlice<FilePiece>
    /// `nil` once it is over.
    private var stream: HTTP2Stream?
    private var isReading = false

    private static let chunkBytes = 65_536

    init(_ file: FileBody, _ stream: HTTP2Stream) {
        pieces = file.pieces[...]
        self.stream = stream
    }

    /// Called when the client may take more.
    func canWrite() {
        while let stream, !isReading, stream.keepsUp, let piece = pieces.first {
            switch piece {
            case .bytes(let bytes):
                pieces.removeFirst()
                stream.write(bytes, isEnd: pieces.isEmpty)
            case .part(let part):
                let room = min(Self.chunkBytes, stream.roomForFile)
                guard room > 0 else { return }
                read(part, room, stream)
            }
        }
    }

    private func read(_ part: FilePart, _ count: Int, _ stream: HTTP2Stream) {
        isReading = true
        let eventLoop = stream.shared.loop.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        stream.shared.files.server.threadPool.runIfActive(eventLoop: eventLoop) { part.read(atMost: count) }
            .whenComplete { result in bound.value.hasRead(result) }
    }

    private func hasRead(_ result: Result<ByteBuffer, any Error>) {
        isReading = false
        guard let stream else { return }
        guard case .success(let bytes) = result, bytes.readableBytes > 0, case .part(var part)? = pieces.first else {
            // Shorter than it was when its size was announced, or not readable.
            return stream.abortStream()
        }
        part.moveForward(by: bytes.readableBytes)
        if part.readableBytes == 0 { pieces.removeFirst() } else { pieces[pieces.startIndex] = .part(part) }
        stream.write(bytes, isEnd: pieces.isEmpty)
        canWrite()
    }

    func cancel() {
        stream = nil
        pieces = []
    }
}
