// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2
internal import NIOPosix

extension HTTP2Stream: ResponseTransport {
    func send(_ response: WebResponse, _ exchange: WebExchange) {
        respond(response, exchange)
    }

    func send(_ response: WebResponse, _ file: FileBody, _ exchange: WebExchange) {
        begin(response, exchange, isEnd: false)
        guard connection != nil else { return file.close() }
        if let bytes = file.singleBytes { return write(bytes, isEnd: true) }
        if file.pieces.isEmpty { return write(ByteBuffer(), isEnd: true) }
        let sender = HTTP2FileSender(file, self)
        self.file = sender
        sender.canWrite()
    }

    func beginStream(_ response: WebResponse, _ exchange: WebExchange) {
        begin(response, exchange, isEnd: !response.hasBody)
    }

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        write(ByteBuffer(bytes: chunk), isEnd: false)
        return keepsUp
    }

    func endStream() { write(ByteBuffer(), isEnd: true) }

    func abortStream() { reset(.internalError) }
}

/// Reads a file as fast as the client takes it, on threads that may wait for the disk.
final class HTTP2FileSender {
    /// What is still to be sent.
    private var pieces: ArraySlice<FilePiece>
    /// `nil` once it is closed.
    private var stream: HTTP2Stream?
    private var isReading = false

    private static let chunkBytes = 65_536

    init(_ file: FileBody, _ stream: HTTP2Stream) {
        pieces = file.pieces[...]
        self.stream = stream
    }

    /// There is room for more.
    func canWrite() {
        while let stream, !isReading, stream.keepsUp, let piece = pieces.first {
            switch piece {
            case .bytes(let bytes):
                pieces.removeFirst()
                stream.write(bytes, isEnd: pieces.isEmpty)
            case .region(let region): read(region, stream)
            }
        }
    }

    private func read(_ region: FileRegion, _ stream: HTTP2Stream) {
        isReading = true
        let eventLoop = stream.shared.loop.eventLoop
        let count = min(Self.chunkBytes, region.readableBytes)
        let part = FileRegion(
            fileHandle: region.fileHandle, readerIndex: region.readerIndex, endIndex: region.readerIndex + count)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        stream.shared.fileReader.read(fileRegion: part, allocator: ByteBufferAllocator(), eventLoop: eventLoop)
            .whenComplete { result in bound.value.hasRead(result) }
    }

    private func hasRead(_ result: Result<ByteBuffer, any Error>) {
        isReading = false
        guard let stream else { return close() }
        guard case .success(let bytes) = result, bytes.readableBytes > 0, case .region(var region)? = pieces.first
        else {
            // Shorter than it was when its size was announced, or not readable.
            return stream.abortStream()
        }
        region.moveReaderIndex(forwardBy: bytes.readableBytes)
        if region.readableBytes == 0 {
            pieces.removeFirst().close()
        } else {
            pieces[pieces.startIndex] = .region(region)
        }
        stream.write(bytes, isEnd: pieces.isEmpty)
        canWrite()
    }

    private func close() {
        for piece in pieces { piece.close() }
        pieces = []
    }

    /// The file is closed, if need be when the reading thread has done with it.
    func cancel() {
        guard stream != nil else { return }
        stream = nil
        if !isReading { close() }
    }
}
