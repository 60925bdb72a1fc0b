// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A request to go on with another protocol.
package struct UpgradeRequest: Sendable {
    let exchange: WebExchange

    /// Path, query, headers, cookies.
    package var request: Request { Request(host: exchange) }

    /// The client, trusted proxies taken into account; fingerprint and certificate are the client's.
    package var connection: any ConnectionHost { exchange }

    /// Over HTTP/2: the client sends no key that has to be answered.
    package var isExtendedConnect: Bool { exchange.head.framing.upgrade == .demanded }
}
