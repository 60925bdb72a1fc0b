// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A piece of a response that is produced while it is sent, and how much of it the client has not asked for yet.
///
/// The bytes stay in the producer's memory: nothing is copied for a client whose window is closed.
struct HTTP2Piece {
    private(set) var rest: ArraySlice<UInt8> = []
    /// Bytes of what is kept: a part of an array keeps all of it.
    private(set) var heldBytes = 0
    /// Nothing comes behind it.
    var isLast = false
    /// Being written; what leaves at once calls for more, which is not to be done one inside the other.
    var isMoving = false

    mutating func append(_ chunk: [UInt8]) {
        if rest.isEmpty { rest = chunk[...] } else { rest += chunk }
        heldBytes = max(heldBytes, rest.count)
    }

    mutating func take(_ count: Int) -> ByteBuffer {
        let bytes = ByteBuffer(bytes: rest.prefix(count))
        rest = rest.dropFirst(count)
        if rest.isEmpty { (rest, heldBytes) = ([], 0) }
        return bytes
    }

    mutating func drop() { (rest, heldBytes) = ([], 0) }
}

// What is produced piece by piece, for actions and sessions alike.
extension HTTP2Stream {
    /// Most bytes of a stream that wait behind the window of its connection.
    private static let waitingLimit = 65_536
    /// The same while the client leaves much behind that it could take.
    private static let lastingLimit = 16_384

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        guard connection != nil, !isAnswered else { return true }
        if piece.rest.isEmpty, waitingBytes == 0 { awaitClient() }
        piece.append(chunk)
        holdsChanged()
        sendPiece()
        return piece.rest.isEmpty && keepsUp
    }

    /// Writes as much of the piece as the client takes now.
    func sendPiece() {
        guard !piece.isMoving else { return }
        piece.isMoving = true
        defer { piece.isMoving = false }
        while let connection, !piece.rest.isEmpty {
            let limit = connection.mayRead ? Self.waitingLimit : Self.lastingLimit
            let room = min(limit, clientWindow) - waitingBytes
            guard room > 0 else { return }
            let bytes = piece.take(room)
            write(bytes, isEnd: piece.rest.isEmpty && piece.isLast)
        }
    }

    func endStream() {
        piece.isLast = true
        if piece.rest.isEmpty { write(ByteBuffer(), isEnd: true) }
    }

    /// Called when the client may take more of the file or stream that is being sent.
    func roomAppeared() {
        file?.canWrite()
        guard !piece.rest.isEmpty else { return }
        sendPiece()
        if piece.rest.isEmpty, waitingBytes <= shared.configuration.limits.sendBuffer / 2 { responder.canWrite() }
    }
}
