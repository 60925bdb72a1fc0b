// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An authority of a test's own, and what it signs; made by `openssl` in a directory that goes away with the object.
package final class CertificateAuthority: Sendable {
    /// Where a certificate and its key lie.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// For keys that `openssl req` makes.
    package enum KeyKind: String, Sendable {
        case elliptic = "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
        case rsa = "-newkey rsa:2048"
        case weak = "-newkey rsa:1024"
    }

    private let project: TestProject

    package init() async throws {
        project = try TestProject()
        try await openssl(
            "req -x509 \(KeyKind.elliptic.rawValue) -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30")
    }

    package var certificate: String { path("ca.pem") }
    package func path(_ name: String) -> String { project.path(name) }

    /// Signs a certificate for host names, the first of which is also its name.
    package func issue(
        _ hosts: String..., subject: String? = nil, key: KeyKind = .elliptic, passphrase: String? = nil
    ) async throws -> Pair {
        let name = "pair-\(UUID().uuidString.prefix(8))"
        let names = hosts.map { "DNS:\($0)" }.joined(separator: ",")
        try await openssl(
            """
            req -x509 -utf8 \(key.rawValue) \(passphrase.map { "-passout pass:\($0)" } ?? "-nodes") -keyout \(name).key \
            -out \(name).pem -subj '\(subject ?? "/CN=\(hosts[0])")' -addext subjectAltName=\(names) \
            -addext basicConstraints=critical,CA:FALSE -days 30 -CA ca.pem -CAkey ca.key
            """)
        return Pair(certificate: path("\(name).pem"), key: path("\(name).key"))
    }

    /// A certificate for a time that is not now, signed by itself.
    package func issue(_ host: String, from: String, to end: String) async throws -> Pair {
        let name = "pair-\(UUID().uuidString.prefix(8))"
        try project.write(
            """
            [ca]
            default_ca = own
            [own]
            database = \(name).index
            new_certs_dir = .
            policy = any
            default_md = sha256
            rand_serial = yes
            [any]
            commonName = supplied
            """, to: "\(name).cnf")
        try project.write("", to: "\(name).index")
        try await openssl(
            "req -new \(KeyKind.elliptic.rawValue) -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(host)")
        try await openssl(
            """
            ca -batch -config \(name).cnf -selfsign -keyfile \(name).key -in \(name).csr -startdate \(from) \
            -enddate \(end) -notext -out \(name).pem
            """)
        return Pair(certificate: path("\(name).pem"), key: path("\(name).key"))
    }

    /// The authority's word that a certificate has not been revoked.
    package func statement(about pair: Pair) async throws -> String {
        let file = "\(pair.certificate).ocsp"
        let serial = try await openssl("x509 -in \(pair.certificate) -noout -serial").split(separator: "=").last ?? ""
        let number = serial.trimmingCharacters(in: .whitespacesAndNewlines)
        try project.write("V\t991231235959Z\t\t\(number)\tunknown\t/CN=any\n", to: "\(number).index")
        try await openssl(
            """
            ocsp -index \(number).index -CA ca.pem -rsigner ca.pem -rkey ca.key -issuer ca.pem \
            -cert \(pair.certificate) -respout \(file) -ndays 3
            """)
        return file
    }

    /// Runs `openssl`.
    ///
    /// - Returns: Its output.
    /// - Throws: ``Failure`` with its words.
    @discardableResult
    package func openssl(_ arguments: String) async throws -> String {
        let done = try await Program.run("/bin/sh", ["-c", "openssl \(arguments)"], directory: project.root)
        guard done.code == 0 else { throw Failure(description: "openssl \(arguments)\n\(done.error)") }
        return done.output
    }
}
