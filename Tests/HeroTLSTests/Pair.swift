// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore
import NIOEmbedded

@testable import HeroTLS

/// A client and a server whose bytes the test carries from one to the other.
final class Pair {
    let client: EmbeddedChannel
    let server: EmbeddedChannel
    private var random: SeededRandom

    init(_ client: TLSContext, _ server: TLSContext, seed: UInt64, allowsHalfClosure: Bool = false) throws {
        random = SeededRandom(seed: seed)
        self.server = EmbeddedChannel(
            handlers: [try TLSHandler(server, allowsHalfClosure: allowsHalfClosure), Witness()])
        self.client = EmbeddedChannel(handlers: [try TLSHandler(client, serverName: "a.test"), Witness()])
        for channel in [self.server, self.client] {
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }
    }

    /// Carries bytes in pieces until neither side has more to say.
    func carry() throws {
        var hasMoved = true
        while hasMoved {
            hasMoved = try carry(from: client, to: server)
            if try carry(from: server, to: client) { hasMoved = true }
        }
    }

    @discardableResult
    func carry(from source: EmbeddedChannel, to target: EmbeddedChannel) throws -> Bool {
        var all = ByteBuffer()
        while let bytes = try source.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(bytes) }
        guard all.readableBytes > 0 else { return false }
        while let piece = all.readSlice(length: min(all.readableBytes, 1 + random.next(below: 3000))) {
            guard piece.readableBytes > 0 else { break }
            guard target.isActive else { continue }
            // What goes wrong is seen by the witness.
            _ = try? target.writeInbound(piece)
        }
        return true
    }

    func witness(_ channel: EmbeddedChannel) throws -> Witness {
        try channel.pipeline.syncOperations.handler(type: Witness.self)
    }
}

/// Notes what comes out of the TLS handler.
final class Witness: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var received = ByteBuffer()
    private(set) var handshake: TLSHandshake?
    private(set) var errors: [TLSError] = []
    private(set) var inputHasEnded = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as TLSHandshake: handshake = event
        case ChannelEvent.inputClosed: inputHasEnded = true
        case let error as TLSError: errors.append(error)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { errors.append(error) }
    }
}

/// Certificates that all tests of this target share.
struct Keys: Sendable {
    let authority: CertificateAuthority
    let first: CertificateAuthority.Pair
    let second: CertificateAuthority.Pair
    let person: CertificateAuthority.Pair

    static let shared = Task {
        let authority = try await CertificateAuthority()
        return Keys(
            authority: authority, first: try await authority.issue("a.test", "localhost", key: .rsa),
            second: try await authority.issue("b.test", "*.b.test"),
            person: try await authority.issue("ada", subject: "/O=Example/CN=Ada Müller"))
    }

    func settings() -> TLSServerSettings {
        TLSServerSettings(certificates: [certificate(first), certificate(second)])
    }

    func certificate(_ pair: CertificateAuthority.Pair) -> TLSServerSettings.Certificate {
        .init(certificateFile: pair.certificate, keyFile: pair.key)
    }

    func client() -> TLSClientSettings {
        var settings = TLSClientSettings()
        settings.authoritiesFile = authority.certificate
        return settings
    }
}
