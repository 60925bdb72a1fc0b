// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("certificates are renewed by a deploy")
struct CertificateRenewalTests {
    @Test("USR2 brings a new certificate without failing a connection, and refuses a bad one")
    func single() async throws {
        let secure = try await SecureProject()
        let hero = try await secure.project.start()
        let port = try await hero.port
        let clients = SecureClients(secure, port: port, count: 2)
        for _ in 0..<3 {
            let renewed = try await secure.authority.issue("a.test", "localhost")
            try secure.put(renewed)
            let mark = hero.lines.count
            hero.send(SIGUSR2)
            try await hero.line(containing: "Restarted ***", after: mark)
            #expect(try await secure.serial(port: port) == secure.serial(of: renewed))
        }
        let served = try await secure.serial(port: port)
        try secure.project.copy(try await secure.authority.issue("a.test").key, to: "tls/key.pem")
        hero.send(SIGUSR2)
        try await hero.line(containing: "the new generation was refused; the running one stays in service")
        #expect(hero.lines.contains { $0.contains("is not the key of the certificate in tls/cert.pem") })
        #expect(try await secure.serial(port: port) == served)
        #expect(try await clients.stop() == [])
        #expect(try await hero.stop() == 0)
    }

    @Test("all workers of a cluster serve their generation's certificate, whatever lies in its place meanwhile")
    func cluster() async throws {
        let secure = try await SecureProject()
        let first = try await secure.serial(of: secure.place)
        let cluster = try await RunningCluster.start(workers: 2, project: secure.project)
        #expect(try await secure.serial(port: cluster.port) == first)

        let renewed = try await secure.authority.issue("a.test", "localhost")
        try secure.put(renewed)
        // A replacement starts while the files of the project are new.
        try await cluster.killWorker(cluster.workers[0])
        for _ in 0..<8 { #expect(try await secure.serial(port: cluster.port) == first) }

        let clients = SecureClients(secure, port: cluster.port, count: 2)
        try await cluster.deploy()
        let second = try await secure.serial(of: renewed)
        for _ in 0..<8 { #expect(try await secure.serial(port: cluster.port) == second) }

        try secure.project.copy(try await secure.authority.issue("a.test").key, to: "tls/key.pem")
        let refused = try await cluster.command("reload", "--wait")
        #expect(refused.code == 1 && refused.error.contains("is not the key of the certificate in tls/cert.pem"))
        #expect(try await secure.serial(port: cluster.port) == second)
        #expect(try await clients.stop() == [])
        #expect(try await cluster.stop() == 0)
    }

    @Test("a cluster whose first generation has no usable certificate ends with status 78")
    func firstGeneration() async throws {
        let secure = try await SecureProject()
        try secure.project.copy(try await secure.authority.issue("b.test").key, to: "tls/key.pem")
        let cluster = try await RunningCluster.launch(workers: 1, project: secure.project)
        #expect(try await cluster.master.exitCode() == 78)
        #expect(cluster.master.lines.contains { $0.contains("is not the key of the certificate in tls/cert.pem") })
    }

    @Test("the copies of certificates and keys are the server's alone, and any worker resumes any session")
    func copies() async throws {
        let secure = try await SecureProject()
        let cluster = try await RunningCluster.start(workers: 2, project: secure.project)
        let directory = secure.project.path("tmp/generations/1/config/companions")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        // Not the keys of tickets, which are nobody's to read.
        #expect(names.count == 2)
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        // Connections are spread over the workers; a session that only one of them knew would be new at the other.
        let command = """
            openssl s_client -connect 127.0.0.1:\(cluster.port) -tls1_2 -sess_out session < /dev/null > /dev/null 2>&1
            for i in 1 2 3 4 5 6 7 8 9 10; do
              openssl s_client -connect 127.0.0.1:\(cluster.port) -tls1_2 -sess_in session < /dev/null 2> /dev/null \
                | grep -o '^Reused'
            done
            """
        let output = try await Program.run("/bin/sh", ["-c", command], directory: secure.project.root).output
        #expect(output == String(repeating: "Reused\n", count: 10), "\(output)")
        #expect(try await cluster.stop() == 0)
    }
}
