// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import HeroTLS

func read(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

@Suite("two TLS handlers back to back")
struct BackToBackTests {
    private func pair(
        seed: UInt64 = 1, allowsHalfClosure: Bool = false,
        _ change: (inout TLSServerSettings, inout TLSClientSettings, Keys) -> Void = { _, _, _ in }
    ) async throws -> Pair {
        let keys = try await Keys.shared.value
        var (server, client) = (keys.settings(), keys.client())
        change(&server, &client, keys)
        return try Pair(
            TLSContext(client: client, read: read), TLSContext(server: server, read: read), seed: seed,
            allowsHalfClosure: allowsHalfClosure)
    }

    @Test("what one side writes the other reads, however the bytes are split", arguments: 1...20 as ClosedRange<UInt64>)
    func carries(seed: UInt64) async throws {
        let pair = try await pair(seed: seed)
        var random = SeededRandom(seed: seed)
        var (toServer, toClient) = (ByteBuffer(), ByteBuffer())
        for _ in 0..<12 {
            for channel in [pair.client, pair.server] {
                // From nothing to several records.
                let count = random.next(below: 2) == 0 ? random.next(below: 200) : random.next(below: 300_000)
                let bytes = ByteBuffer(repeating: UInt8(random.next(below: 256)), count: count)
                channel.write(bytes, promise: nil)
                if channel === pair.client {
                    toServer.writeImmutableBuffer(bytes)
                } else {
                    toClient.writeImmutableBuffer(bytes)
                }
                if random.next(below: 3) > 0 { channel.flush() }
            }
            if random.next(below: 2) == 0 { try pair.carry() }
        }
        pair.client.flush()
        pair.server.flush()
        try pair.carry()
        #expect(try pair.witness(pair.server).received == toServer)
        #expect(try pair.witness(pair.client).received == toClient)
        #expect(try pair.witness(pair.server).errors.isEmpty && pair.witness(pair.client).errors.isEmpty)
    }

    @Test("a promise is kept when what was written with it has left, and broken when the connection is over")
    func promises() async throws {
        try keep(try await pair())
    }

    private func keep(_ pair: Pair) throws {
        let early: EventLoopFuture<Void> = pair.client.writeAndFlush(ByteBuffer(string: "before the handshake"))
        try pair.carry()
        try early.wait()
        let promises: [EventLoopFuture<Void>] = (0..<3).map { pair.client.write(ByteBuffer(string: "\($0)")) }
        pair.client.flush()
        for promise in promises { try promise.wait() }
        let unsent: EventLoopFuture<Void> = pair.client.write(ByteBuffer(string: "never"))
        pair.client.close(promise: nil)
        #expect(throws: ChannelError.self) { try unsent.wait() }
        try pair.carry()
        #expect(try String(buffer: pair.witness(pair.server).received) == "before the handshake012")
    }

    @Test("both say goodbye, so that neither takes the end for an accident")
    func goodbye() async throws {
        let pair = try await pair()
        try pair.carry()
        pair.client.close(promise: nil)
        try pair.carry()
        #expect(!pair.server.isActive)
        #expect(try pair.witness(pair.server).errors.isEmpty && !pair.witness(pair.server).inputHasEnded)
    }

    @Test("who has said that nothing more follows can still listen")
    func halfClosed() async throws {
        let pair = try await pair(allowsHalfClosure: true)
        try pair.carry()
        // EmbeddedChannel knows no half-closed connections, but what is said before that counts.
        pair.client.write(ByteBuffer(string: "question"), promise: nil)
        pair.client.close(mode: .output, promise: nil)
        try pair.carry(from: pair.client, to: pair.server)
        let server = try pair.witness(pair.server)
        #expect(server.inputHasEnded && String(buffer: server.received) == "question" && pair.server.isActive)
        try pair.server.writeOutbound(ByteBuffer(string: "answer"))
    }

    @Test("who ends sending without a goodbye can still listen, and is told apart from one who shakes hands")
    func halfClosedBelow() async throws {
        let pair = try await pair(allowsHalfClosure: true)
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!pair.server.isActive)
        let open = try await self.pair(allowsHalfClosure: true)
        try open.carry()
        try open.client.writeOutbound(ByteBuffer(string: "question"))
        try open.carry(from: open.client, to: open.server)
        for _ in 1...2 { open.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        let server = try open.witness(open.server)
        #expect(server.inputHasEnded && String(buffer: server.received) == "question" && open.server.isActive)
        try open.server.writeOutbound(ByteBuffer(string: "answer"))
        try open.carry(from: open.server, to: open.client)
        #expect(try String(buffer: open.witness(open.client).received) == "answer")
    }

    @Test("an end without goodbye is an error, for what was read may not be whole")
    func truncated() async throws {
        let pair = try await pair()
        try pair.carry()
        pair.server.pipeline.fireChannelInactive()
        #expect(try pair.witness(pair.server).errors.map(\.kind) == [.truncated])
    }

    @Test("a changed byte ends the connection, and nothing of the record gets through")
    func tampered() async throws {
        let pair = try await pair()
        try pair.carry()
        try pair.client.writeOutbound(ByteBuffer(string: "secret"))
        var record = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        record.setInteger(record.getInteger(at: 10, as: UInt8.self)! ^ 1, at: 10)
        _ = try? pair.server.writeInbound(record)
        let server = try pair.witness(pair.server)
        #expect(server.errors.map(\.kind) == [.record] && server.received.readableBytes == 0 && !pair.server.isActive)
    }

    @Test("both agree on the version, the protocol and the host that was asked for")
    func agreement() async throws {
        let pair = try await pair { _, client, _ in client.protocols = ["h3", "http/1.1"] }
        try pair.carry()
        let handshake = try #require(try pair.witness(pair.server).handshake)
        #expect(handshake.version == "TLSv1.3" && handshake.applicationProtocol == "http/1.1")
        #expect(handshake.serverName == "a.test" && handshake.peerCertificate == nil && !handshake.isResumed)
        #expect(try pair.witness(pair.client).handshake?.peerCertificate?.subject == "CN=a.test")
    }

    @Test("no common protocol: the client is told so")
    func noProtocol() async throws {
        let pair = try await pair { _, client, _ in client.protocols = ["h3"] }
        try pair.carry()
        let (client, server) = (try pair.witness(pair.client), try pair.witness(pair.server))
        #expect(server.errors.map(\.kind) == [.handshake])
        #expect(client.errors.map(\.reason) == ["tlsv1 alert no application protocol"], "\(client.errors)")
    }

    @Test("a client's certificate is shown to the server, and one of a stranger is refused")
    func clientCertificates() async throws {
        let known = try await pair { server, client, keys in
            server.clientCertificates = .required
            server.authoritiesFile = keys.authority.certificate
            client.certificate = keys.certificate(keys.person)
        }
        try known.carry()
        let certificate = try #require(try known.witness(known.server).handshake?.peerCertificate)
        #expect(certificate.subject == "CN=Ada Müller,O=Example" && certificate.issuer == "CN=authority")
        #expect(certificate.fingerprint.count == 64 && certificate.serialNumber.count == 40)

        let stranger = try await CertificateAuthority()
        let alien = try await stranger.issue("eve")
        for change in [
            { (client: inout TLSClientSettings) in client.certificate = nil },
            { $0.certificate = .init(certificateFile: alien.certificate, keyFile: alien.key) },
        ] {
            let refused = try await pair { server, client, keys in
                server.clientCertificates = .required
                server.authoritiesFile = keys.authority.certificate
                change(&client)
            }
            try refused.carry()
            let server = try refused.witness(refused.server)
            #expect(server.errors.map(\.kind) == [.handshake] && server.handshake == nil)
        }
    }

    @Test("a client trusts only whom it was told to trust, and only for the host it asked for")
    func verification() async throws {
        let stranger = try await CertificateAuthority()
        let unknown = try await pair { _, client, _ in client.authoritiesFile = stranger.certificate }
        try unknown.carry()
        #expect(try unknown.witness(unknown.client).errors.first?.reason.contains("certificate verify failed") == true)
        #expect(try unknown.witness(unknown.server).handshake == nil)
        let elsewhere = try await pair { server, _, keys in server.certificates = [keys.certificate(keys.second)] }
        try elsewhere.carry()
        let reason = try #require(try elsewhere.witness(elsewhere.client).errors.first?.reason)
        #expect(reason.contains("hostname mismatch") || reason.contains("Hostname mismatch"), "\(reason)")
    }

    @Test("no garbage makes it anything but close", arguments: 1...200 as ClosedRange<UInt64>)
    func garbage(seed: UInt64) async throws {
        let pair = try await pair(seed: seed)
        var random = SeededRandom(seed: seed)
        var hello = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
        if seed % 2 == 0 {
            for _ in 0...random.next(below: 8) {
                hello.setInteger(
                    UInt8(random.next(below: 256)), at: hello.readerIndex + random.next(below: hello.readableBytes))
            }
        } else {
            hello = ByteBuffer(bytes: (0..<random.next(below: 2000)).map { _ in UInt8(random.next(below: 256)) })
        }
        _ = try? pair.server.writeInbound(hello)
        let server = try pair.witness(pair.server)
        #expect(server.handshake == nil && server.received.readableBytes == 0)
        #expect(pair.server.isActive == server.errors.isEmpty)
    }
}
