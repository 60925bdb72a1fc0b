// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// A project whose web server speaks TLS, with certificates of its own.
struct SecureProject: Sendable {
    let project: TestProject
    let authority: CertificateAuthority

    /// - Parameters:
    ///   - files: Contents by path below the project.
    ///   - key: The kind of the certificate's key.
    ///   - options: Lines of `web.serverOptions`.
    ///   - web: Lines of `web`.
    /// - Throws: An error when the certificates cannot be made.
    init(
        _ files: [String: String] = [:], key: CertificateAuthority.KeyKind = .elliptic, options: [String] = [],
        web: [String] = []
    ) async throws {
        authority = try await CertificateAuthority()
        project = try TestProject(files.merging(["public/hello.txt": "hello\n"]) { $1 })
        let lines = (["cert: tls/cert.pem", "key: tls/key.pem"] + options).map { "    \($0)\n" }.joined()
        try project.write(
            "default:\n  secure: true\n\(web.map { "  \($0)\n" }.joined())  serverOptions:\n\(lines)",
            to: "config/servers/web.yml")
        try put(try await authority.issue("a.test", "localhost", key: key))
    }

    /// Puts a certificate and its key in the place where the configuration has them.
    func put(_ pair: CertificateAuthority.Pair) throws {
        try project.copy(pair.certificate, to: "tls/cert.pem")
        try project.copy(pair.key, to: "tls/key.pem")
    }

    /// What the configuration leads to.
    var place: CertificateAuthority.Pair {
        .init(certificate: project.path("tls/cert.pem"), key: project.path("tls/key.pem"))
    }

    func curl(_ target: String, port: Int, _ arguments: String...) async throws -> Finished {
        try await Program.run(
            "curl",
            [
                "-sS", "--max-time", "60", "--cacert", authority.certificate, "--resolve", "a.test:\(port):127.0.0.1",
                "https://a.test:\(port)\(target)",
            ] + arguments, directory: project.root)
    }

    /// The number of the certificate that is served.
    func serial(port: Int) async throws -> String {
        let command =
            "openssl s_client -connect 127.0.0.1:\(port) < /dev/null 2> /dev/null | openssl x509 -noout -serial"
        return try await Program.run("/bin/sh", ["-c", command], directory: project.root).output
    }

    func serial(of pair: CertificateAuthority.Pair) async throws -> String {
        try await authority.openssl("x509 -in \(pair.certificate) -noout -serial")
    }
}

/// New connections, one after the other, until told to stop.
final class SecureClients: Sendable {
    private let tasks: [Task<[String], any Error>]

    init(_ secure: SecureProject, port: Int, count: Int) {
        tasks = (0..<count).map { _ in
            Task {
                var failures: [String] = []
                while !Task.isCancelled {
                    let done = try await secure.curl("/public/hello.txt", port: port)
                    if done.code != 0 || done.output != "hello\n" { failures.append(done.error + done.output) }
                }
                return failures
            }
        }
    }

    /// - Returns: What went wrong.
    func stop() async throws -> [String] {
        var failures: [String] = []
        for task in tasks {
            task.cancel()
            failures += try await task.value
        }
        return failures
    }
}
