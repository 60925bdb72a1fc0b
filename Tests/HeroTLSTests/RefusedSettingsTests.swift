// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import HeroTLS

@Suite("what cannot be served with is refused with file, reason and remedy")
struct RefusedSettingsTests {
    private func refusal(_ settings: TLSServerSettings) -> TLSRefusal? {
        do throws(TLSRefusal) {
            _ = try TLSContext(server: settings, read: read)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(_ pair: CertificateAuthority.Pair, passphrase: String? = nil) -> TLSRefusal? {
        refusal(
            TLSServerSettings(certificates: [
                .init(certificateFile: pair.certificate, keyFile: pair.key, passphrase: passphrase)
            ]))
    }

    @Test("files that are not there or hold something else")
    func files() async throws {
        let keys = try await Keys.shared.value
        let missing = try #require(refusal(.init(certificate: "/nowhere/a.pem", key: keys.first.key)))
        #expect(missing.setting == "cert" && missing.reason.contains("/nowhere/a.pem"))
        let swapped = try #require(refusal(.init(certificate: keys.first.key, key: keys.first.certificate)))
        #expect(swapped.setting == "cert" && swapped.reason.contains("\(keys.first.key), which holds no certificate"))
        let noKey = try #require(refusal(.init(certificate: keys.first.certificate, key: keys.first.certificate)))
        #expect(noKey.setting == "key" && noKey.reason.contains("holds no private key"))
        let empty = try TestProject(["empty.pem": ""])
        let nothing = try #require(refusal(.init(certificate: empty.path("empty.pem"), key: keys.first.key)))
        #expect(nothing.reason.contains("holds no certificate in PEM form"))
    }

    @Test("a key of another certificate")
    func mismatch() async throws {
        let keys = try await Keys.shared.value
        let refused = try #require(refusal(.init(certificate: keys.second.certificate, key: keys.person.key)))
        #expect(refused.setting == "key" && refused.reason.contains("is not the key of the certificate in"))
        #expect(refused.reason.contains(keys.second.certificate) && refused.reason.contains(keys.person.key))
    }

    @Test("certificates whose time is over or has not come, unless dates are not looked at")
    func dates() async throws {
        let authority = try await Keys.shared.value.authority
        for (from, end, reason) in [
            ("20010101000000Z", "20020101000000Z", "expired on Jan  1 00:00:00 2002 GMT"),
            ("20990101000000Z", "20991231000000Z", "is not valid before Jan  1 00:00:00 2099 GMT"),
        ] {
            let pair = try await authority.issue("old.test", from: from, to: end)
            let refused = try #require(refusal(pair))
            #expect(refused.setting == "cert" && refused.reason.contains(pair.certificate))
            #expect(refused.reason.contains("certificate for CN=old.test \(reason)"), "\(refused)")
            var settings = TLSServerSettings(certificates: [
                .init(certificateFile: pair.certificate, keyFile: pair.key)
            ])
            settings.checksDates = false
            #expect(refusal(settings) == nil)
        }
    }

    @Test("a weak key")
    func weak() async throws {
        let pair = try await Keys.shared.value.authority.issue("weak.test", key: .weak)
        let refused = try #require(refusal(pair))
        #expect(refused.setting == "cert" && refused.reason.contains("has a weak key of 1024 bits"), "\(refused)")
    }

    @Test("an encrypted key without its passphrase, or with a wrong one; with the right one it serves")
    func passphrases() async throws {
        let pair = try await Keys.shared.value.authority.issue("safe.test", passphrase: "open-sesame")
        #expect(refusal(pair)?.reason.contains("is encrypted – set its passphrase") == true)
        #expect(refusal(pair, passphrase: "wrong")?.setting == "passphrase")
        #expect(refusal(pair, passphrase: "open-sesame") == nil)
    }

    @Test("ciphers that OpenSSL does not know, authorities that are missing, an OCSP response that is none")
    func others() async throws {
        let keys = try await Keys.shared.value
        var settings = keys.settings()
        settings.ciphers = "ROT13"
        #expect(refusal(settings)?.setting == "ciphers")
        settings = keys.settings()
        settings.clientCertificates = .optional
        #expect(refusal(settings)?.setting == "ca")
        settings = keys.settings()
        settings.certificates[0].ocspFile = keys.first.certificate
        #expect(refusal(settings)?.setting == "ocsp")
    }
}
