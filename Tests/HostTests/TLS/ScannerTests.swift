// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("what sslscan finds")
struct ScannerTests {
    @Test("only TLS 1.2 and 1.3, no weak cipher, no renegotiation by the client, no Heartbleed")
    func scan() async throws {
        let secure = try await SecureProject()
        let hero = try await secure.project.start()
        let scan = try await Program.run(
            "sslscan", ["--no-colour", "--show-times", "127.0.0.1:\(try await hero.port)"],
            directory: secure.project.root)
        let report = scan.output
        #expect(scan.code == 0)
        for line in [
            "SSLv2     disabled", "SSLv3     disabled", "TLSv1.0   disabled", "TLSv1.1   disabled", "TLSv1.2   enabled",
            "TLSv1.3   enabled", "Session renegotiation not supported",
        ] { #expect(report.contains(line), "\(line) in\n\(report)") }
        #expect(!report.contains("vulnerable to heartbleed\n") || report.contains("not vulnerable to heartbleed"))
        let ciphers = report.split(separator: "\n").filter { $0.hasPrefix("Preferred") || $0.hasPrefix("Accepted") }
        #expect(ciphers.count > 2)
        for cipher in ciphers {
            #expect(cipher.contains("GCM") || cipher.contains("CHACHA20"), "\(cipher)")
            #expect(cipher.contains("TLSv1.3") || cipher.contains("ECDHE"), "\(cipher)")
        }
        #expect(try await hero.stop() == 0)
    }
}
