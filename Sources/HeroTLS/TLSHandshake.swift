// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// What the peers have agreed on; sent through the pipeline as an event when the handshake is done.
package struct TLSHandshake: Sendable, Hashable {
    /// For example `TLSv1.3`.
    package let version: String
    /// The protocol that was chosen (ALPN); `nil` when the client named none.
    package let applicationProtocol: String?
    /// The host that the client asked for (SNI).
    package let serverName: String?
    /// Whether an earlier session goes on.
    package let isResumed: Bool
    package let peerCertificate: TLSPeerCertificate?

    init(_ connection: OpaquePointer) {
        version = String(cString: SSL_get_version(connection))
        var (name, count): (UnsafePointer<UInt8>?, UInt32) = (nil, 0)
        SSL_get0_alpn_selected(connection, &name, &count)
        applicationProtocol = name.map {
            String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
        }
        serverName = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        isResumed = hero_tls_is_resumed(connection) == 1
        peerCertificate = SSL_get0_peer_certificate(connection).map(TLSPeerCertificate.init)
    }
}
