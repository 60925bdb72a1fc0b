// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2
internal import NIOPosix

extension HTTP2Stream: ResponseTransport {
    func send(_ response: WebResponse, _ exchange: WebExchange) {
        respond(response, exchange)
    }

    func send(_ response: WebResponse, _ file: OpenedFile, _ exchange: WebExchange) {
        begin(response, exchange, isEnd: false)
        guard connection != nil else { return file.close() }
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
    private let file: OpenedFile
    /// `nil` once it is closed.
    private var stream: HTTP2Stream?
    private var region: FileRegion
    private var isReading = false

    private static let chunkBytes = 65_536

    init(_ file: OpenedFile, _ stream: HTTP2Stream) {
        self.file = file
        self.stream = stream
        region = file.region
    }

    /// There is room for more.
    func canWrite() {
        guard let stream, !isReading, region.readableBytes > 0, stream.keepsUp else { return }
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
        guard let stream else { return file.close() }
        guard case .success(let bytes) = result, bytes.readableBytes > 0 else {
            // Shorter than it was when its size was announced, or not readable.
            return stream.abortStream()
        }
        region.moveReaderIndex(forwardBy: bytes.readableBytes)
        stream.write(bytes, isEnd: region.readableBytes == 0)
        canWrite()
    }

    /// The file is closed, if need be when the reading thread has done with it.
    func cancel() {
        guard stream != nil else { return }
        stream = nil
        if !isReading { file.close() }
    }
}
