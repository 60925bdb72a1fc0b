// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a client wants of its TLS connections.
package struct TLSClientSettings: Sendable {
    /// Path of a PEM file: whom to trust; the system's authorities when it is `nil`.
    package var authoritiesFile: String?
    /// What the client identifies itself with.
    package var certificate: TLSServerSettings.Certificate?
    /// Whether the server's certificate is checked.
    package var verifies = true
    package var minimumVersion = TLSServerSettings.Version.tls12
    /// Names of protocols (ALPN); none by default.
    package var protocols: [String] = []

    package init() {}
}
