// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroTLS

/// How connections to Redis are encrypted.
package struct RedisTLS: Sendable {
    package let context: TLSContext
    /// What the server's certificate must be for; `nil` for the endpoint's host.
    package var serverName: String?
    /// Whether the server's certificate is checked; whoever turns that off hears of it in the log.
    package let verifies: Bool

    /// - Parameters:
    ///   - settings: Authorities, a certificate of our own, whether the server's is checked.
    ///   - serverName: Instead of the endpoint's host.
    ///   - read: Reads a file.
    /// - Throws: ``TLSRefusal`` for files that cannot be used.
    package init(
        _ settings: TLSClientSettings = TLSClientSettings(), serverName: String? = nil, read: TLSFileReader
    ) throws(TLSRefusal) {
        context = try TLSContext(client: settings, read: read)
        self.serverName = serverName
        verifies = settings.verifies
    }
}
