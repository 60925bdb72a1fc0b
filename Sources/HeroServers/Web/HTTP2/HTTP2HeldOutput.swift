// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2

/// What the responses of all connections of an event loop hold for clients that have not taken it.
///
/// Each connection has bounds of its own, but nobody keeps a client from having many connections.
final class HTTP2HeldOutput {
    struct Limits {
        /// What streams that are produced may hold, their producers' pieces included, before some of them are reset.
        var pieceBytes = 67_108_864
        /// What all responses may hold before those are reset that do not move at all.
        var bytes = 67_108_864
        /// How long a response is given then.
        var patience = TimeAmount.seconds(5)
    }

    /// What one stream holds.
    struct Share {
        var bytes = 0
        /// Bytes of the piece whose producer waits until they are sent.
        var pieceBytes = 0
    }

    private let limits: Limits
    private let eventLoop: any EventLoop
    private var total = Share()
    private var connections: [ObjectIdentifier: HTTP2Connection] = [:]
    private var isReclaiming = false

    init(_ eventLoop: any EventLoop, _ limits: Limits = Limits()) {
        (self.eventLoop, self.limits) = (eventLoop, limits)
    }

    func add(_ connection: HTTP2Connection) { connections[ObjectIdentifier(connection)] = connection }
    func remove(_ connection: HTTP2Connection) { connections[ObjectIdentifier(connection)] = nil }

    /// Whether no connection may have much more than it can send.
    var isScarce: Bool { total.bytes + total.pieceBytes >= limits.bytes }

    func change(from before: Share, to after: Share) {
        total.bytes += after.bytes - before.bytes
        total.pieceBytes += after.pieceBytes - before.pieceBytes
        if total.pieceBytes > limits.pieceBytes { reclaimSoon() }
    }

    /// Not at once: whoever has something to add is in the middle of a response.
    private func reclaimSoon() {
        guard !isReclaiming else { return }
        isReclaiming = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            bound.value.isReclaiming = false
            bound.value.reclaimPieces()
        }
    }

    /// Resets the streams whose clients have taken nothing for the longest time.
    ///
    /// With some distance, so that not every piece has all streams looked at.
    private func reclaimPieces() {
        guard total.pieceBytes > limits.pieceBytes else { return }
        for stream in stalled(where: { $0.held.pieceBytes > 0 }) {
            guard total.pieceBytes > limits.pieceBytes / 8 * 7 else { break }
            stream.reset(.cancel)
        }
    }

    /// Called by the sweep: responses that were given whole are waited for a little, since they cannot be made to wait.
    func sweep(_ now: NIODeadline) {
        guard isScarce else { return }
        for stream in stalled(where: { now - $0.movedAt > self.limits.patience }) {
            guard isScarce else { break }
            stream.reset(.cancel)
        }
    }

    private func stalled(where isMeant: (HTTP2Stream) -> Bool) -> [HTTP2Stream] {
        connections.values
            .flatMap { $0.streams.values.filter { $0.held.bytes + $0.held.pieceBytes > 0 && isMeant($0) } }
            .sorted { $0.movedAt < $1.movedAt }
    }
}
