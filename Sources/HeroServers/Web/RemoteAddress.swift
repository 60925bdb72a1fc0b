// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem
internal import HeroTLS
internal import NIOCore

/// The client's end of a TCP connection.
final class RemoteAddress: Sendable {
    /// `nil` for a client of a Unix socket.
    let address: IPAddress?
    let ip: String
    let port: Int
    /// Whose process is at the other end of a Unix socket; `nil` unless that counts.
    let user: UInt32?
    /// What the client has identified itself with.
    let certificate: ClientCertificate?

    init(_ address: SocketAddress?, user: UInt32? = nil) {
        certificate = nil
        self.user = user
        let text = address?.ipAddress ?? "0.0.0.0"
        // An IPv4 client of a socket that speaks both shows up as an IPv6 address.
        ip = text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
        port = address?.port ?? 0
        self.address = address?.ipAddress.flatMap { IPAddress($0) }
    }

    init(_ address: IPAddress, port: Int) {
        certificate = nil
        user = nil
        self.address = address
        ip = address.text
        self.port = port
    }

    private init(_ other: RemoteAddress, _ certificate: ClientCertificate) {
        self.certificate = certificate
        (address, ip, port, user) = (other.address, other.ip, other.port, other.user)
    }

    /// The same client, whose certificate is known now.
    func identified(by certificate: TLSPeerCertificate?) -> RemoteAddress {
        guard let certificate else { return self }
        return RemoteAddress(
            self,
            ClientCertificate(
                subject: certificate.subject, issuer: certificate.issuer, serialNumber: certificate.serialNumber,
                fingerprint: certificate.fingerprint))
    }
}
