// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What the responses of a connection hold: bytes that wait for the client, and open files.
///
/// The client decides how fast it takes its responses, so it would otherwise decide about the server's memory.
struct HTTP2OutputBudget {
    /// What has become possible.
    enum Change {
        case none
        /// More of files may be read.
        case room
        /// Requests may be answered again, too.
        case muchRoom
    }

    private var bytes = 0
    private var files = 0
    /// Streams that want to open a file.
    private var waiting = CircularBuffer<HTTP2Stream>()

    var mayRead: Bool { bytes < HTTP2Bounds.fileBytes }
    /// Responses that could not be made to wait are too many: no further ones are begun.
    var isFull: Bool { bytes >= HTTP2Bounds.outputBytes }

    mutating func change(by count: Int) -> Change {
        let (before, wasFull) = (bytes, isFull)
        bytes += count
        if wasFull, !isFull { return .muchRoom }
        // With some distance, so that not every frame has all streams looked at.
        return before > HTTP2Bounds.fileBytes / 2 && bytes <= HTTP2Bounds.fileBytes / 2 ? .room : .none
    }

    /// - Returns: Whether the stream may open a file now; otherwise ``returnsFile(_:)`` gives it back in its turn.
    mutating func takesFile(_ stream: HTTP2Stream) -> Bool {
        guard !stream.hasFileTurn else { return true }
        guard files < HTTP2Bounds.openFiles else {
            waiting.append(stream)
            return false
        }
        files += 1
        stream.hasFileTurn = true
        return true
    }

    /// The stream has no file open any more.
    ///
    /// - Returns: Whose turn it is now.
    mutating func returnsFile(_ stream: HTTP2Stream) -> HTTP2Stream? {
        guard stream.hasFileTurn else { return nil }
        stream.hasFileTurn = false
        files -= 1
        while let next = waiting.popFirst() {
            if next.connection != nil { return next }
        }
        return nil
    }
}

/// How many frames of a kind a client may send within half a minute.
struct HTTP2FrameBudget {
    private var began = NIODeadline.uptimeNanoseconds(0)
    private var count = 0

    /// - Returns: Whether another one is fine.
    mutating func take(_ now: NIODeadline) -> Bool {
        if now - began > .seconds(30) { (began, count) = (now, 0) }
        count += 1
        return count <= HTTP2Bounds.smallFrames
    }
}
