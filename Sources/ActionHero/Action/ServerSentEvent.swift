// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A message to a browser's `EventSource`, or whoever else reads `text/event-stream`.
public struct ServerSentEvent: Sendable, Hashable {
    /// What the client gets as `event.data`; may have several lines, which arrive separated by line feeds.
    public var data: String
    /// The type for which the client listens.
    ///
    /// Line breaks in it are left out. Default: `nil`, which is `message`.
    public var event: String?
    /// Names the event, so that a client that comes back can say what it saw last: ``Request/lastEventID``.
    ///
    /// Line breaks and NUL in it are left out.
    public var id: String?
    /// After how long the client comes back when the connection ends, in milliseconds.
    ///
    /// Default: `nil`, which leaves it to the client.
    public var retryMilliseconds: Int?

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - data: Text of any number of lines.
    ///   - event: Its type; `nil` for `message`.
    ///   - id: Its name.
    ///   - retryMilliseconds: After how long the client comes back; not negative.
    public init(_ data: String, event: String? = nil, id: String? = nil, retryMilliseconds: Int? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// Makes an event whose data is JSON on one line.
    ///
    /// - Parameters:
    ///   - json: What the client parses.
    ///   - event: Its type; `nil` for `message`.
    ///   - id: Its name.
    public init(json: JSON, event: String? = nil, id: String? = nil) {
        self.init(json.description, event: event, id: id)
    }

    /// The event as it goes to the client.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if let event { Self.append("event", event.utf8.filter { $0 != 10 && $0 != 13 }, to: &bytes) }
        // A client ignores an id with NUL in it as a whole.
        if let id { Self.append("id", id.utf8.filter { $0 != 10 && $0 != 13 && $0 != 0 }, to: &bytes) }
        if let retryMilliseconds, retryMilliseconds >= 0 {
            Self.append("retry", Array(String(retryMilliseconds).utf8), to: &bytes)
        }
        // CR, LF and both of them end a line; every line needs its own name.
        var line: [UInt8] = []
        var previous: UInt8 = 0
        for byte in data.utf8 {
            if byte == 13 || byte == 10 && previous != 13 {
                Self.append("data", line, to: &bytes)
                line.removeAll(keepingCapacity: true)
            } else if byte != 10 {
                line.append(byte)
            }
            previous = byte
        }
        Self.append("data", line, to: &bytes)
        bytes.append(10)
        return bytes
    }

    private static func append(_ name: String, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += [UInt8(ascii: ":"), UInt8(ascii: " ")]
        bytes += value
        bytes.append(10)
    }
}

extension Request {
    /// The id of the last event that a client has seen which lost its connection; `nil` for one that begins.
    public var lastEventID: String? { header("last-event-id") }
}
