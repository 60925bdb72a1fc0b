// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HeroTLS

/// A server on a port of its own that says what was agreed on and sends back what it gets.
private struct EchoServer {
    let port: Int
    private let channel: any Channel

    init(_ context: TLSContext) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSHandler(context, plaintextAnswer: ByteBuffer(string: "plain\n")), Echo(),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard let event = event as? TLSHandshake else { return }
            let text = "\(event.version) \(event.serverName ?? "-") \(event.applicationProtocol ?? "-")"
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(string: "agreed \(text) \(event.isResumed)\n")), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.write(data, promise: nil) }
        func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

@Suite("TLS with openssl s_client")
struct ClientProgramTests {
    /// Runs the client: sends the lines, and ends the connection when the last one has come back.
    private func run(
        _ arguments: String, lines: [String] = ["hello"],
        _ change: (inout TLSServerSettings, Keys) async throws -> Void = { _, _ in }
    ) async throws -> String {
        let keys = try await Keys.shared.value
        var settings = keys.settings()
        try await change(&settings, keys)
        let server = try await EchoServer(TLSContext(server: settings, read: read))
        let output = try await client(arguments, lines: lines, port: server.port, keys)
        try await server.stop()
        return output
    }

    private func client(_ arguments: String, lines: [String], port: Int, _ keys: Keys) async throws -> String {
        let directory = try TestProject(["in": ""])
        // The client may end first when it is refused.
        let script = """
            : > out; mkfifo pipe
            openssl s_client -connect 127.0.0.1:\(port) -CAfile \(keys.authority.certificate) \
            \(arguments) < pipe > out 2>&1 &
            client=$!
            exec 3> pipe
            for line in \(lines.joined(separator: " ")); do
              echo $line >&3
              until grep -q "^$line" out || ! kill -0 $client 2> /dev/null; do sleep 0.01; done
            done 2> /dev/null
            exec 3>&-
            wait $client
            cat out
            """
        return try await Program.run("/bin/sh", ["-c", script], directory: directory.root).output
    }

    @Test("TLS 1.2 and 1.3 are spoken, older versions are not", arguments: ["-tls1_2", "-tls1_3"])
    func versions(_ version: String) async throws {
        let output = try await run("\(version) -servername a.test -verify_hostname a.test -verify_return_error")
        let name = version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3"
        #expect(output.contains("agreed \(name) a.test - false"), "\(output)")
        #expect(output.contains("\nhello\n") && output.contains("Verification: OK"))
        let old = try await run("-tls1_1 -cipher ALL:@SECLEVEL=0")
        #expect(!old.contains("agreed"))
        let strict = try await run("-tls1_2") { settings, _ in settings.minimumVersion = .tls13 }
        #expect(!strict.contains("agreed") && strict.contains("protocol version"), "\(strict)")
    }

    @Test(
        "the certificate is that of the host that the client names, the first one for others",
        arguments: [
            ("a.test", "CN = a.test"), ("B.TEST", "CN = b.test"), ("x.b.test", "CN = b.test"),
            ("y.x.b.test", "CN = a.test"), ("elsewhere.test", "CN = a.test"),
        ])
    func serverNames(_ name: String, _ subject: String) async throws {
        let output = try await run("-servername \(name)")
        #expect(output.contains("subject=\(subject)"), "\(output)")
        #expect(output.contains("agreed TLSv1.3 \(name)"))
    }

    @Test("the chain is sent with the certificate")
    func chain() async throws {
        let output = try await run("-servername a.test -showcerts") { settings, keys in
            let project = try TestProject()
            let both = try [keys.first.certificate, keys.authority.certificate].map {
                try String(contentsOfFile: $0, encoding: .utf8)
            }
            try project.write(both.joined(), to: "chain.pem")
            let bytes = try read(project.path("chain.pem"))
            let file = "\(keys.first.certificate).chain"
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            settings.certificates[0].certificateFile = file
        }
        #expect(output.components(separatedBy: "BEGIN CERTIFICATE").count == 3, "\(output)")
    }

    @Test("the protocol is agreed on, and a client with none that is known is refused")
    func protocols() async throws {
        #expect(try await run("-alpn h3,http/1.1").contains("agreed TLSv1.3 - http/1.1"))
        let refused = try await run("-alpn h3")
        #expect(!refused.contains("agreed") && refused.contains("no application protocol"), "\(refused)")
    }

    @Test("ciphers without forward secrecy are refused")
    func ciphers() async throws {
        #expect(try await run("-tls1_2 -cipher AES128-GCM-SHA256").contains("handshake failure"))
        #expect(try await run("-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384 -servername a.test").contains("agreed"))
    }

    @Test("renegotiation is refused, and the connection with it")
    func renegotiation() async throws {
        let output = try await run("-tls1_2", lines: ["hello", "R"])
        #expect(output.contains("RENEGOTIATING") && output.contains("no renegotiation"), "\(output)")
    }

    @Test("sessions go on, also at another process with the same keys, and not without tickets")
    func resumption() async throws {
        let keys = try await Keys.shared.value
        let directory = try TestProject()
        var settings = keys.settings()
        settings.ticketKeys = TLSContext.random(TLSServerSettings.ticketKeyBytes)
        for version in ["-tls1_2", "-tls1_3"] {
            let file = directory.path("session\(version)")
            // A server of its own each time: nothing but the keys is shared.
            for (option, resumed) in [("-sess_out", "false"), ("-sess_in", "true")] {
                let server = try await EchoServer(TLSContext(server: settings, read: read))
                let output = try await client(
                    "\(version) \(option) \(file) -servername a.test", lines: ["hello"], port: server.port, keys)
                #expect(output.contains("a.test - \(resumed)"), "\(version) \(option): \(output)")
                try await server.stop()
            }
            var (other, without) = (settings, settings)
            other.ticketKeys = nil
            without.hasTickets = false
            for settings in [other, without] {
                let server = try await EchoServer(TLSContext(server: settings, read: read))
                let output = try await client(
                    "\(version) -sess_in \(file) -servername a.test", lines: ["hello"], port: server.port, keys)
                #expect(output.contains("a.test - false"), "\(output)")
                try await server.stop()
            }
        }
    }

    private final class ChangingKeys: TicketKeySource {
        private let next = Mutex<[UInt8]?>(TLSContext.random(TLSServerSettings.ticketKeyBytes))
        func change() { next.withLock { $0 = TLSContext.random(TLSServerSettings.ticketKeyBytes) } }

        func nextKeys() -> [UInt8]? {
            next.withLock { next in
                defer { next = nil }
                return next
            }
        }
    }

    @Test("sessions go on until the keys of tickets change, and begin anew then", arguments: ["-tls1_2", "-tls1_3"])
    func rotation(_ version: String) async throws {
        let keys = try await Keys.shared.value
        let directory = try TestProject()
        let file = directory.path("session\(version)")
        let source = ChangingKeys()
        var settings = keys.settings()
        settings.ticketKeySource = source
        let server = try await EchoServer(TLSContext(server: settings, read: read))
        func session(_ option: String) async throws -> String {
            try await client(
                "\(version) \(option) \(file) -servername a.test", lines: ["hello"], port: server.port, keys)
        }
        #expect(try await session("-sess_out").contains("a.test - false"))
        #expect(try await session("-sess_in").contains("a.test - true"))
        source.change()
        #expect(try await session("-sess_in").contains("a.test - false"))
        try await server.stop()
    }

    @Test("clients' certificates: asked for or not, required or not")
    func clientCertificates() async throws {
        let keys = try await Keys.shared.value
        let own = "-cert \(keys.person.certificate) -key \(keys.person.key)"
        for (wanted, arguments, isServed) in [
            (TLSServerSettings.ClientCertificates.optional, "", true), (.optional, own, true), (.required, own, true),
            (.required, "", false),
        ] {
            for version in ["-tls1_2", "-tls1_3"] {
                let output = try await run("\(version) \(arguments)") { settings, keys in
                    settings.clientCertificates = wanted
                    settings.authoritiesFile = keys.authority.certificate
                }
                #expect(output.contains("agreed") == isServed, "\(wanted) \(version) \(arguments): \(output)")
                #expect(output.contains("Acceptable client certificate CA names"))
            }
        }
        #expect(try await run("").contains("No client certificate CA names sent"))
    }

    @Test("the authority's statement is stapled to the handshake of its certificate")
    func stapling() async throws {
        let statement = try await Keys.shared.value.authority.statement(about: Keys.shared.value.second)
        for (name, isThere) in [("b.test", true), ("a.test", false)] {
            let output = try await run("-status -servername \(name)") { settings, _ in
                settings.certificates[1].ocspFile = statement
            }
            #expect(output.contains("OCSP Response Status: successful") == isThere, "\(output)")
            #expect(output.contains("OCSP response: no response sent") != isThere)
        }
    }

    @Test("who speaks plain text is answered in plain text")
    func plaintext() async throws {
        let keys = try await Keys.shared.value
        let server = try await EchoServer(TLSContext(server: keys.settings(), read: read))
        for method in ["GET", "DELETE", "options"] {
            let connection = try HTTPConnection(port: server.port)
            try await connection.send("\(method) / HTTP/1.1\r\n\r\n")
            #expect(try await connection.readToEnd() == Array("plain\n".utf8))
        }
        try await server.stop()
    }
}
