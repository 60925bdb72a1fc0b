// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore
internal import NIOCore

/// A request whose body is arriving, piece by piece, whichever version of HTTP brings it.
///
/// A class, so that looking at a connection's phase copies a reference and not all of this.
final class IncomingRequest {
    let head: HTTPRequestHead
    let began = WallTime.now
    private(set) var body: ByteBuffer?

    init(_ head: HTTPRequestHead) { self.head = head }

    /// Takes the next piece of the body.
    func append(_ piece: ByteBuffer) {
        guard body != nil else {
            body = piece
            return
        }
        body?.writeImmutableBuffer(piece)
    }
}
