// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// When the patience with a connection ends.
struct ConnectionDeadline {
    enum Kind: Hashable {
        /// A request's head has begun to arrive.
        case headers
        /// A body is arriving.
        case body
        /// Nothing is arriving.
        case keepAlive
        /// The client takes no data.
        case write
        /// The last response is on its way; the client is to close.
        case lingering
    }

    let kind: Kind
    let time: NIODeadline
}
