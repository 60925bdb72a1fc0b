// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// What the peer has identified itself with, after its signature has been checked.
package struct TLSPeerCertificate: Sendable, Hashable {
    /// Who it is for, as RFC 4514 writes names: the most specific part first.
    package let subject: String
    /// Who has signed it, in the same form.
    package let issuer: String
    /// The issuer's number for it, in hexadecimal digits.
    package let serialNumber: String
    /// SHA-256 over the certificate, in 64 hexadecimal digits in small letters.
    package let fingerprint: String

    init(_ certificate: OpaquePointer) {
        subject = Self.subject(of: certificate)
        issuer = PEM.printed { hero_tls_print_name($0, X509_get_issuer_name(certificate)) }
        serialNumber = PEM.printed { i2a_ASN1_INTEGER($0, X509_get0_serialNumber(certificate)) }.lowercased()
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        X509_digest(certificate, EVP_sha256(), &digest, &count)
        let digits = Array("0123456789abcdef".utf8)
        fingerprint = String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func subject(of certificate: OpaquePointer) -> String {
        PEM.printed { hero_tls_print_name($0, X509_get_subject_name(certificate)) }
    }
}

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
