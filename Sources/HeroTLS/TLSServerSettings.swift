// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a server wants of its TLS connections.
package struct TLSServerSettings: Sendable {
    /// A certificate with its chain, and the key that belongs to it.
    package struct Certificate: Sendable {
        /// Path of a PEM file: the certificate, then those that lead from it to a root.
        package var certificateFile: String
        /// Path of a PEM file.
        package var keyFile: String
        /// The passphrase of the key, when that is encrypted.
        package var passphrase: String?
        /// Path of a DER file with the authority's statement that the certificate has not been revoked.
        package var ocspFile: String?

        package init(
            certificateFile: String, keyFile: String, passphrase: String? = nil, ocspFile: String? = nil
        ) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.passphrase = passphrase
            self.ocspFile = ocspFile
        }
    }

    package enum ClientCertificates: String, Sendable, Hashable, Decodable {
        case none, optional, required
    }

    package enum Version: String, Sendable, Hashable, Decodable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    /// The first one serves clients that name no host, or one that no certificate is for.
    package var certificates: [Certificate]
    package var clientCertificates = ClientCertificates.none
    /// Path of a PEM file: who may have signed clients' certificates.
    package var authoritiesFile: String?
    package var minimumVersion = Version.tls12
    /// For TLS 1.2, in OpenSSL's notation; those of TLS 1.3 are all good.
    package var ciphers = Self.usualCiphers
    /// Names of protocols (ALPN), the preferred one first.
    package var protocols = ["http/1.1"]
    package var hasTickets = true
    /// 80 bytes that all processes share, so that each can resume the others' sessions; `nil` for keys of one's own.
    package var ticketKeys: [UInt8]?
    /// Other keys from time to time, in place of those.
    package var ticketKeySource: (any TicketKeySource)?
    /// Seconds.
    package var sessionTimeout = 3600
    /// Whether certificates that are not valid today are refused.
    package var checksDates = true

    package init(certificates: [Certificate]) {
        self.certificates = certificates
    }

    /// Forward secrecy and authenticated encryption only (Mozilla's "intermediate" list without DHE).
    package static let usualCiphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    package static let ticketKeyBytes = 80

    /// All files that these settings name.
    package var files: [String] {
        certificates.flatMap { [$0.certificateFile, $0.keyFile, $0.ocspFile].compactMap { $0 } }
            + (authoritiesFile.map { [$0] } ?? [])
    }
}
