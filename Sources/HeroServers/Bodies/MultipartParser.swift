// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import NIOCore

/// Splits a stream of bytes into the parts of a form (RFC 7578), without I/O.
///
/// Keeps no more than one boundary or the headers of one part, however the bytes arrive.
struct MultipartParser {
    enum Event: Equatable {
        case needsMoreData
        case part(MultipartPartHead)
        case data(ByteBuffer)
        case partEnd
        /// The last boundary has arrived; whatever follows is dropped.
        case end
    }

    private enum State {
        case preamble(skipped: Int)
        /// Behind a boundary: two dashes, or the end of its line.
        case boundaryEnd
        case headers(fields: [(name: String, value: String)], bytes: Int)
        case content
        case epilogue
    }

    /// Line end, two dashes, boundary.
    private let delimiter: [UInt8]
    private let headerBytes: Int
    private var state = State.preamble(skipped: 0)
    private var buffer: ByteBuffer

    /// - Parameters:
    ///   - boundary: 1 to 70 characters, as ``boundary(of:)`` returns them.
    ///   - headerBytes: Most bytes that the headers of one part may have.
    init(boundary: String, headerBytes: Int) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.headerBytes = headerBytes
        // The first boundary may be the first line.
        buffer = ByteBuffer(string: "\r\n")
    }

    /// The boundary that a content type names.
    ///
    /// - Throws: ``HTTPFault`` with status 400 without one, and for one that no standard allows.
    static func boundary(of type: String) throws(HTTPFault) -> String {
        guard let boundary = ParameterizedValue(type)?["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), boundary.utf8.last != 0x20
        else { throw .badRequest("the content type of the form names no valid boundary") }
        return boundary
    }

    /// Whether the form is complete.
    var isComplete: Bool {
        if case .epilogue = state { return true }
        return false
    }

    /// Adds what has arrived; to be followed by ``next()`` until that needs more.
    mutating func append(_ bytes: ByteBuffer) {
        if isComplete { return }
        buffer.append(bytes)
    }

    /// - Throws: ``HTTPFault``; afterwards the parser must not be used again.
    mutating func next() throws(HTTPFault) -> Event {
        while true {
            let event: Event?
            switch state {
            case .preamble(let skipped): event = try skipPreamble(skipped)
            case .boundaryEnd: event = try readBoundaryEnd()
            case .headers(let fields, let bytes): event = try readHeader(fields, bytes)
            case .content: event = readContent()
            case .epilogue: event = .needsMoreData
            }
            if let event { return event }
        }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Returns: Whether it is known that none stands before the first line any more.
    private mutating func skipByteOrderMark() -> Bool {
        let start = buffer.readableBytesView.dropFirst(2).prefix(Self.byteOrderMark.count)
        guard start.elementsEqual(Self.byteOrderMark.prefix(start.count)) else { return true }
        guard start.count == Self.byteOrderMark.count else { return false }
        buffer.moveReaderIndex(forwardBy: 3)
        buffer.setBytes([0x0D, 0x0A], at: buffer.readerIndex)
        return true
    }

    private mutating func skipPreamble(_ skipped: Int) throws(HTTPFault) -> Event? {
        if skipped == 0, !skipByteOrderMark() { return .needsMoreData }
        if let position = delimiterPosition {
            buffer.moveReaderIndex(forwardBy: position + delimiter.count)
            state = .boundaryEnd
            return nil
        }
        let useless = buffer.readableBytes - delimiterStartLength
        guard skipped + useless <= headerBytes else { throw .badRequest("the form does not begin with its boundary") }
        buffer.moveReaderIndex(forwardBy: useless)
        state = .preamble(skipped: skipped + useless)
        return .needsMoreData
    }

    private mutating func readBoundaryEnd() throws(HTTPFault) -> Event? {
        // Mail programs may pad the line.
        while let byte = buffer.peekByte, HTTPCharacter.isBlank(byte) { buffer.moveReaderIndex(forwardBy: 1) }
        guard buffer.readableBytes >= 2 else { return .needsMoreData }
        let end = buffer.readInteger(as: UInt16.self)
        switch end {
        case 0x0D0A: state = .headers(fields: [], bytes: 0)
        case 0x2D2D:
            state = .epilogue
            buffer = ByteBuffer()
            return .end
        default: throw .badRequest("a boundary of the form does not end its line")
        }
        return nil
    }

    private mutating func readHeader(
        _ fields: [(name: String, value: String)], _ bytes: Int
    ) throws(HTTPFault) -> Event? {
        let tooLarge = HTTPFault(status: 413, reason: "the headers of a part of the form are too large")
        let view = buffer.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            if bytes + view.count > headerBytes { throw tooLarge }
            return .needsMoreData
        }
        let length = end - view.startIndex
        if bytes + length + 1 > headerBytes { throw tooLarge }
        guard length > 0, view[end - 1] == UInt8(ascii: "\r") else {
            throw .badRequest("a header of a part of the form does not end with CR LF")
        }
        let line = view[view.startIndex..<end - 1]
        if line.isEmpty {
            state = .content
            buffer.moveReaderIndex(forwardBy: 2)
            return .part(try MultipartPartHead(fields))
        }
        let field = try Self.field(line)
        buffer.moveReaderIndex(forwardBy: length + 1)
        state = .headers(fields: fields + [field], bytes: bytes + length + 1)
        return nil
    }

    private static func field(_ line: ByteBufferView) throws(HTTPFault) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(HTTPCharacter.isToken),
            line[colon...].allSatisfy(HTTPCharacter.isFieldValue)
        else { throw .badRequest("a header of a part of the form is malformed") }
        let value = line[(colon + 1)...].drop(while: HTTPCharacter.isBlank)
        return (
            String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self)
        )
    }

    private mutating func readContent() -> Event? {
        switch delimiterPosition {
        case 0?:
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            state = .boundaryEnd
            return .partEnd
        case let position?: return buffer.readSlice(length: position).map { .data($0) }
        case nil:
            let length = buffer.readableBytes - delimiterStartLength
            guard length > 0, let slice = buffer.readSlice(length: length) else { return .needsMoreData }
            return .data(slice)
        }
    }

    // MARK: Search

    private var delimiterPosition: Int? {
        let position = buffer.withUnsafeReadableBytes { bytes in
            delimiter.withUnsafeBytes { wanted in
                guard let start = bytes.baseAddress, let pattern = wanted.baseAddress else { return -1 }
                return hero_find(start, bytes.count, pattern, wanted.count)
            }
        }
        return position < 0 ? nil : position
    }

    /// How many of the last bytes may be the beginning of a boundary.
    ///
    /// A carriage return stands at its start only, so the last one decides.
    private var delimiterStartLength: Int {
        let view = buffer.readableBytesView.suffix(delimiter.count - 1)
        guard let start = view.lastIndex(of: UInt8(ascii: "\r")) else { return 0 }
        return delimiter.starts(with: view[start...]) ? view.endIndex - start : 0
    }
}

extension ByteBuffer {
    fileprivate var peekByte: UInt8? { getInteger(at: readerIndex) }
}
