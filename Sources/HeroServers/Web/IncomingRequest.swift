// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// A request whose body is arriving, piece by piece, whichever version of HTTP brings it.
///
/// A class, so that looking at a connection's phase copies a reference and not all of this.
final class IncomingRequest {
    let head: HTTPRequestHead
    let began = WallTime.now
    /// When its body began to arrive, as the loop's clock has it.
    let bodyBegan: NIODeadline
    /// What becomes of the body.
    let reader: RequestBodyReader
    /// All of it has arrived, but not all of it has been worked on.
    var hasEnded = false

    init(_ head: HTTPRequestHead, _ reader: RequestBodyReader, at bodyBegan: NIODeadline) {
        (self.head, self.reader, self.bodyBegan) = (head, reader, bodyBegan)
    }
}
