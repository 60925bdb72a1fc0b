// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// What the peer has identified itself with, after its signature has been checked.
package struct TLSPeerCertificate: Sendable, Hashable {
    /// The name that the certificate is for, as RFC 4514 writes names: the most specific part first.
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
