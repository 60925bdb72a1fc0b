// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a server that speaks TLS")
struct SecureServerTests {
    @Test("curl gets answers over TLS 1.2 and 1.3, and a cookie for TLS only")
    func answers() async throws {
        let secure = try await SecureProject(key: .rsa)
        let hero = try await secure.project.start()
        let port = try await hero.port
        #expect(hero.lines.contains { $0.contains("Starting server: `web` @ https://[::]:\(port)") })
        for version in ["1.2", "1.3"] {
            let done = try await secure.curl(
                "/api/nothing", port: port, "-i", "--http1.1", "--tlsv\(version)", "--tls-max", version)
            #expect(done.code == 0 && done.output.contains("HTTP/1.1 404 Not Found"), "\(done.error)")
            #expect(done.output.contains("SameSite=Lax;Secure;"))
        }
        #expect(try await hero.stop() == 0)
    }

    @Test("OpenSSL's library is opened by a server that speaks TLS, and by no other")
    func library() async throws {
        let secure = try await SecureProject()
        // A host that was not optimized names the library itself, so that every process of it has the library.
        let isLinked = try await Program.run("ldd", [Stage.hero], directory: secure.project.root).output
            .contains("/libssl.so")
        for isSecure in [true, false] {
            let hero = try await secure.project.start(["--set", "web.secure=\(isSecure)"])
            // Foundation reads only a page of a file that has no size.
            let maps = try await Program.run("cat", ["/proc/\(hero.identifier)/maps"], directory: secure.project.root)
                .output
            let isOpen = isSecure || isLinked
            #expect(maps.contains("/libssl.so") == isOpen && maps.contains("/libcrypto.so") == isOpen)
            #expect(try await hero.stop() == 0)
        }
    }

    @Test("files arrive whole, one after the other on one connection")
    func files() async throws {
        let secure = try await SecureProject()
        let bytes = Data((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        try secure.project.write(bytes, to: "public/large.bin")
        let hero = try await secure.project.start()
        let port = try await hero.port
        let url = "https://a.test:\(port)/public"
        let done = try await secure.curl(
            "/public/large.bin", port: port, "-o", "first", "\(url)/hello.txt", "-o", "second", "\(url)/large.bin",
            "-o",
            "third", "-w", "%{num_connects} ")
        #expect(done.code == 0 && done.output == "1 0 0 ", "\(done)")
        #expect(try secure.project.bytes("first") == bytes && secure.project.bytes("third") == bytes)
        #expect(try secure.project.read("second") == "hello\n")
        #expect(try await hero.stop() == 0)
    }

    @Test("who speaks plain HTTP is told so, in plain text, with 400")
    func plaintext() async throws {
        let secure = try await SecureProject()
        let hero = try await secure.project.start()
        let response = try await hero.request("/api/status", method: "DELETE")
        #expect(response.status == 400 && response["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response.text == "This port speaks HTTPS: use https:// instead of http://\n")
        #expect(try await hero.stop() == 0)
    }

    @Test("who does not finish shaking hands is sent away, and keeps nobody from stopping")
    func slowHandshake() async throws {
        let secure = try await SecureProject(web: ["timeouts:", "  handshake: 500"])
        let hero = try await secure.project.start()
        let port = try await hero.port
        let (silent, slow) = (try HTTPConnection(port: port), try HTTPConnection(port: port))
        // The beginning of a record of 512 bytes.
        try await slow.send([22, 3, 1, 2, 0, 1, 0])
        #expect(try await silent.readToEnd().isEmpty)
        #expect(try await slow.readToEnd().isEmpty)
        let last = try HTTPConnection(port: port)
        try await last.send([22, 3])
        #expect(try await hero.stop() == 0)
    }

    @Test("an action sees the certificate of its client, and a client without one gets nothing when it is required")
    func clientCertificates() async throws {
        let secure = try await SecureProject(
            ["actions/who.swift": Self.who], options: ["clientCertificates: required", "ca: tls/ca.pem"])
        try secure.project.copy(secure.authority.certificate, to: "tls/ca.pem")
        try await secure.project.build()
        let hero = try await secure.project.start()
        let port = try await hero.port
        let person = try await secure.authority.issue("ada", subject: "/O=Example/CN=Ada")
        let known = try await secure.curl("/api/who", port: port, "--cert", person.certificate, "--key", person.key)
        #expect(known.output.contains(#""subject": "CN=Ada,O=Example""#), "\(known)")
        #expect(known.output.contains(#""issuer": "CN=authority""#))
        let digest = try await secure.authority.openssl("x509 -in \(person.certificate) -noout -fingerprint -sha256")
        let fingerprint = digest.split(separator: "=").last?.filter { $0.isHexDigit }.lowercased() ?? "none"
        #expect(known.output.contains(#""fingerprint": "\#(fingerprint)""#))
        let number = try await secure.serial(of: person).split(separator: "=").last?.filter(\.isHexDigit).lowercased()
        #expect(known.output.contains(#""serialNumber": "\#(number ?? "none")""#))
        let unknown = try await secure.curl("/api/who", port: port)
        #expect(unknown.code != 0 && unknown.output.isEmpty)
        #expect(try await hero.stop() == 0)
    }

    private static let who = """
        import ActionHero

        struct Who: Action {
            struct Output: Encodable {
                let subject, issuer, serialNumber, fingerprint: String?
            }
            func run(_ context: Context) async throws -> Output {
                let certificate = context.connection.clientCertificate
                return Output(
                    subject: certificate?.subject, issuer: certificate?.issuer,
                    serialNumber: certificate?.serialNumber, fingerprint: certificate?.fingerprint)
            }
        }
        """

    @Test("a boot without a usable certificate ends with status 78, and says which file and what to do")
    func refusals() async throws {
        let secure = try await SecureProject()
        let good = try secure.project.bytes("tls/cert.pem")
        func refused(_ reason: String) async throws {
            let hero = try secure.project.launch()
            #expect(try await hero.exitCode() == 78)
            let said = hero.lines.joined(separator: "\n")
            #expect(said.contains("config/servers/web.yml") && said.contains(reason), "\(said)")
        }
        try secure.project.remove("tls/cert.pem")
        try await refused("web.serverOptions.cert names a file that cannot be read: cannot open")
        try secure.project.write(good, to: "tls/cert.pem")
        try secure.project.copy(try await secure.authority.issue("b.test").key, to: "tls/key.pem")
        try await refused(
            "web.serverOptions.key names tls/key.pem, which is not the key of the certificate in tls/cert.pem")
        try secure.put(try await secure.authority.issue("a.test", from: "20010101000000Z", to: "20020101000000Z"))
        try await refused("expired on Jan  1 00:00:00 2002 GMT – renew it")
        try secure.project.write("default:\n  secure: true\n", to: "config/servers/web.yml")
        try await refused("web.secure needs a certificate: name its file in web.serverOptions.cert")
    }
}
