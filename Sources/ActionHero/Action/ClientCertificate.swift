// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A client's certificate, signed by an authority that the server trusts.
public struct ClientCertificate: Sendable, Hashable {
    /// Who it is for, as RFC 4514 writes names: `CN=ada,O=Example`.
    public let subject: String

    /// Who has signed it, in the same form.
    public let issuer: String

    /// The issuer's number for it, in hexadecimal digits.
    public let serialNumber: String

    /// SHA-256 over the certificate, in 64 hexadecimal digits in small letters.
    public let fingerprint: String

    package init(subject: String, issuer: String, serialNumber: String, fingerprint: String) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
        self.fingerprint = fingerprint
    }
}
