// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension Response {
    /// Answers server-sent events as they come, in place of the action's output.
    ///
    /// The response has the usual headers and those that proxies and browsers need for a stream of events. While no event
    /// comes, a comment is sent from time to time: proxies keep a connection that is not silent, and a client that has
    /// disappeared is noticed.
    ///
    /// The sequence is read only as fast as the client takes the events. Its iteration is cancelled when the client goes
    /// away, and when the process stops: then the response ends, and an `EventSource` comes back by itself, to another
    /// process. A sequence that does not end when it is cancelled is cut off when the time to stop is over.
    ///
    /// - Parameters:
    ///   - events: What to send, in order. When it ends, the response does; browsers come back then, so a client that is to
    ///     stop has to be told by an event. When it throws, the connection is cut.
    ///   - heartbeat: After how long without an event a comment is sent; zero for never.
    public func sendEvents<Events: AsyncSequence & Sendable>(
        _ events: Events, heartbeat: Duration = .seconds(15)
    ) where Events.Element == ServerSentEvent {
        let stream = ByteStream(
            { write in
                let writer = EventWriter(write)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await event in events { try await writer.send(event.bytes) } }
                    if heartbeat > .zero {
                        group.addTask {
                            while true {
                                try await Task.sleep(for: heartbeat)
                                try await writer.beat()
                            }
                        }
                    }
                    // Whichever ends first: the events, or a write to a client that has gone.
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }, endsWithProcess: true)
        host.send(ResponseBody(.stream(stream), headers: Self.eventHeaders, hasUsualHeaders: true))
    }

    private static var eventHeaders: [(name: String, value: String)] {
        [
            ("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"),
            // nginx would otherwise collect events until its buffer is full.
            ("X-Accel-Buffering", "no"),
        ]
    }
}

/// Lets events and comments have the connection one at a time.
private actor EventWriter {
    /// A line that clients ignore, and the end of an event that has nothing in it.
    private static let comment: [UInt8] = Array(":\n\n".utf8)

    private let write: ByteStream.Write
    private var isWriting = false
    private var waiting: CheckedContinuation<Void, Never>?
    /// Nothing has been sent since the last beat.
    private var isQuiet = true

    init(_ write: @escaping ByteStream.Write) { self.write = write }

    func send(_ bytes: [UInt8]) async throws {
        while isWriting { await withCheckedContinuation { waiting = $0 } }
        isQuiet = false
        try await writeAlone(bytes)
    }

    func beat() async throws {
        let wasQuiet = isQuiet
        isQuiet = true
        // A write that waits for the client says as much about it as a comment would.
        if wasQuiet, !isWriting { try await writeAlone(Self.comment) }
    }

    private func writeAlone(_ bytes: [UInt8]) async throws {
        isWriting = true
        defer {
            isWriting = false
            waiting?.resume()
            waiting = nil
        }
        try await write(bytes)
    }
}
