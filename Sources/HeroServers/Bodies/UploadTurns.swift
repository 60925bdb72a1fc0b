// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// Which uploads of an event loop may keep a file open while they wait for their clients.
///
/// A client decides how long its body takes, so it would otherwise decide about the server's descriptors. Uploads that
/// are whole, or small enough to wait in memory, need no turn.
final class UploadTurns {
    /// The uploads of one connection.
    final class Client {
        /// Files that the uploads of a connection may have open at a time; further ones wait for these.
        static let files = 32
        fileprivate(set) var open = 0
    }

    private struct Waiting {
        weak var writer: UploadWriter?
        let client: Client
    }

    private let files: Int
    private var open = 0
    private var waiting = CircularBuffer<Waiting>()

    /// - Parameter files: How many there may be; a quarter of what the process may have open leaves enough for others.
    init(files: Int = max(DescriptorLimit.forFiles / 4, 4)) {
        self.files = files
    }

    /// - Returns: Whether the writer has a turn now; otherwise it is told by ``UploadWriter/turnCame()``.
    func takes(_ writer: UploadWriter, _ client: Client) -> Bool {
        guard isFree(for: client) else {
            waiting.append(Waiting(writer: writer, client: client))
            return false
        }
        count(client, 1)
        return true
    }

    /// The more files a client has open, the more must be free: the last ones are for those who have none.
    private func isFree(for client: Client) -> Bool {
        client.open < Client.files && files - open > client.open
    }

    private func count(_ client: Client, _ change: Int) {
        open += change
        client.open += change
    }

    /// A file has been closed; whoever has waited longest, and may, is next.
    func giveBack(_ client: Client) {
        count(client, -1)
        waiting.removeAll { $0.writer == nil }
        while let index = waiting.firstIndex(where: { isFree(for: $0.client) }) {
            let next = waiting.remove(at: index)
            count(next.client, 1)
            // It may be about to go.
            if let writer = next.writer { writer.turnCame() } else { count(next.client, -1) }
        }
    }
}
