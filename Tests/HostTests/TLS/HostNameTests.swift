// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the certificate follows the host name")
struct HostNameTests {
    /// What `openssl s_client` reports of a handshake.
    private func handshake(_ secure: SecureProject, port: Int, _ arguments: String) async throws -> Finished {
        let command =
            "openssl s_client -connect 127.0.0.1:\(port) -CAfile \(secure.authority.certificate) \(arguments) < /dev/null"
        return try await Program.run("/bin/sh", ["-c", command], directory: secure.project.root)
    }

    private func serial(_ secure: SecureProject, port: Int, host: String) async throws -> String {
        let report = try await handshake(secure, port: port, "-servername \(host) 2> /dev/null").output
        let certificate = "openssl x509 -noout -serial << 'END'\n\(report)\nEND\n"
        return try await Program.run("/bin/sh", ["-c", certificate], directory: secure.project.root).output
    }

    /// Puts a second certificate, its key and the authority's statement about it where the configuration has them.
    private func putOther(_ secure: SecureProject) async throws -> String {
        let pair = try await secure.authority.issue("b.test")
        try secure.project.copy(pair.certificate, to: "tls/b.pem")
        try secure.project.copy(pair.key, to: "tls/b.key")
        try secure.project.copy(try await secure.authority.statement(about: pair), to: "tls/b.ocsp")
        return try await secure.serial(of: pair)
    }

    @Test(
        "as the configuration says, with the authority's statement; all of it is renewed by a deploy, in a cluster too")
    func certificates() async throws {
        let secure = try await SecureProject(options: [
            "certificates:", "  - { cert: tls/b.pem, key: tls/b.key, ocsp: tls/b.ocsp }",
        ])
        let other = try await putOther(secure)
        let first = try await secure.serial(of: secure.place)
        let cluster = try await RunningCluster.start(workers: 1, project: secure.project)
        #expect(try await serial(secure, port: cluster.port, host: "a.test") == first)
        #expect(try await serial(secure, port: cluster.port, host: "b.test") == other)
        #expect(try await serial(secure, port: cluster.port, host: "c.test") == first)
        let stapled = try await handshake(secure, port: cluster.port, "-servername b.test -status").output
        #expect(stapled.contains("OCSP Response Status: successful"), "\(stapled)")
        #expect(stapled.contains("Cert Status: good"))
        let bare = try await handshake(secure, port: cluster.port, "-servername a.test -status").output
        #expect(bare.contains("OCSP response: no response sent"))

        let renewed = try await putOther(secure)
        #expect(try await serial(secure, port: cluster.port, host: "b.test") == other)
        try await cluster.deploy()
        #expect(try await serial(secure, port: cluster.port, host: "b.test") == renewed)
        #expect(try await serial(secure, port: cluster.port, host: "a.test") == first)
        let again = try await handshake(secure, port: cluster.port, "-servername b.test -status").output
        let number = renewed.split(separator: "=").last?.filter(\.isHexDigit) ?? "none"
        #expect(again.contains("Serial Number: \(number)"), "\(again)")
        #expect(try await cluster.stop() == 0)
    }

    @Test("a client may show a certificate where it is optional; one of a stranger is refused")
    func optional() async throws {
        let who = """
            import ActionHero

            struct Who: Action {
                func run(_ context: Context) async throws -> [String: String] {
                    ["subject": context.connection.clientCertificate?.subject ?? "nobody"]
                }
            }
            """
        let secure = try await SecureProject(
            ["actions/who.swift": who], options: ["clientCertificates: optional", "ca: tls/ca.pem"])
        try secure.project.copy(secure.authority.certificate, to: "tls/ca.pem")
        try await secure.project.build()
        let hero = try await secure.project.start()
        let port = try await hero.port
        let person = try await secure.authority.issue("ada", subject: "/CN=Ada")
        let stranger = try await CertificateAuthority().issue("eve", subject: "/CN=Eve")
        #expect(try await secure.curl("/api/who", port: port).output.contains(#""subject": "nobody""#))
        for version in ["--http1.1", "--http2"] {
            let known = try await secure.curl(
                "/api/who", port: port, "--cert", person.certificate, "--key", person.key, version)
            #expect(known.output.contains(#""subject": "CN=Ada""#), "\(known)")
        }
        let unknown = try await secure.curl(
            "/api/who", port: port, "--cert", stranger.certificate, "--key", stranger.key)
        #expect(unknown.code != 0 && unknown.output.isEmpty)
        #expect(try await hero.stop() == 0)
    }

    @Test("nothing older than the configured version is spoken")
    func version() async throws {
        let secure = try await SecureProject(options: ["minVersion: TLSv1.3", "sessionTickets: false"])
        let hero = try await secure.project.start()
        let port = try await hero.port
        #expect(try await handshake(secure, port: port, "-tls1_2").code != 0)
        let new = try await handshake(secure, port: port, "-tls1_3")
        #expect(new.code == 0 && !new.output.contains("Post-Handshake New Session Ticket"), "\(new)")
        #expect(try await hero.stop() == 0)
    }
}
