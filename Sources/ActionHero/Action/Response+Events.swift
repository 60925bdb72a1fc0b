// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension Response {
    /// Answers server-sent events as they come, in place of the action's output.
    ///
    /// The response has the usual headers and those that proxies and browsers need for a stream of events. While no event
    /// comes, a comment is sent from time to time: proxies keep a connection that is not silent, and a client that has
    /// disappeared is noticed.
    ///
    /// What is sent to the connection meanwhile, by this process or another one (``Connections/sendMessage(_:to:)``), is an
    /// event of type `message`, whose data is the message in JSON.
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
        stream(heartbeat) { writer, outbox in
            for try await event in events { try await writer.send(event.bytes) }
            // What was sent to the connection before the last event.
            for message in outbox?.rest() ?? [] { try await writer.send(message) }
        }
    }

    /// Answers server-sent events that are sent to the connection, from this process or another one:
    /// ``Connection/sendMessage(_:)``, ``Connections/sendMessage(_:to:)``.
    ///
    /// The stream lasts until the client goes away, the connection is destroyed, or the process stops; otherwise all is as
    /// with ``sendEvents(_:heartbeat:)``.
    ///
    /// - Parameter heartbeat: After how long without an event a comment is sent; zero for never.
    public func sendEvents(heartbeat: Duration = .seconds(15)) {
        stream(heartbeat) { _, _ in
            // Ended by its cancellation.
            try await Task.sleep(for: .seconds(1_000_000_000))
        }
    }

    /// - Parameters:
    ///   - heartbeat: After how long without an event a comment is sent; zero for never.
    ///   - events: Sends what it has, and returns when the stream is to end.
    private func stream(
        _ heartbeat: Duration, _ events: @escaping @Sendable (EventWriter, MessageOutbox?) async throws -> Void
    ) {
        let outbox = host.openOutbox()
        let stream = ByteStream(
            { write in
                let writer = EventWriter(write)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await events(writer, outbox) }
                    if let outbox {
                        group.addTask {
                            while let messages = await outbox.next() {
                                for message in messages { try await writer.send(message) }
                            }
                        }
                    }
                    if heartbeat > .zero {
                        group.addTask {
                            while true {
                                try await Task.sleep(for: heartbeat)
                                try await writer.beat()
                            }
                        }
                    }
                    // Whichever ends first: the events, the connection, or a write to a client that has gone.
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
    /// Events and messages to the connection; each comes again for its turn.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Nothing has been sent since the last beat.
    private var isQuiet = true

    init(_ write: @escaping ByteStream.Write) { self.write = write }

    func send(_ bytes: [UInt8]) async throws {
        while isWriting { await withCheckedContinuation { waiting.append($0) } }
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
            if !waiting.isEmpty { waiting.removeFirst().resume() }
        }
        try await write(bytes)
    }
}
