// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("HTTP/2 while workers come and go")
struct HTTP2DeployTests {
    /// Requests many at a time, until told to stop.
    private final class Clients: Sendable {
        struct Report {
            var answers = 0
            var failures: [String] = []
        }

        private let tasks: [Task<Report, any Error>]

        init(_ targets: [String], _ cluster: RunningCluster) {
            tasks = targets.map { target in
                Task {
                    var report = Report()
                    while !Task.isCancelled {
                        let done = try await Program.run(
                            "nghttp", ["-n", "-s", "-v", "-m", "50", "http://127.0.0.1:\(cluster.port)\(target)"],
                            directory: cluster.project.root)
                        let good = done.output.split(separator: "\n").count { $0.contains(" 200 ") }
                        report.answers += good
                        if done.code != 0 || good != 50, !Self.gaveUp(done) {
                            report.failures.append("\(target) \(done.code) \(good) \(done.output.suffix(2000))")
                        }
                    }
                    return report
                }
            }
        }

        /// After ten seconds without an answer to its settings, of which a server knows nothing that has not been given
        /// the time to accept the connection: on a machine that is as busy as that, nothing has been lost.
        private static func gaveUp(_ client: Finished) -> Bool {
            client.output.contains("error_code=SETTINGS_TIMEOUT")
        }

        func stop() async throws -> Report {
            var all = Report()
            for task in tasks {
                task.cancel()
                let report = try await task.value
                all.answers += report.answers
                all.failures += report.failures
            }
            return all
        }
    }

    @Test("deploys lose no request, however many are under way on a connection")
    func deploys() async throws {
        let cluster = try await RunningCluster.start(workers: 2)
        let clients = Clients(["/api/version", "/api/version", "/api/download?count=20&pause=25"], cluster)
        for number in 1...4 {
            try await cluster.putVersion(number)
            try await cluster.deploy()
            #expect(try await cluster.version() == ClusterBundles.variant(number))
        }
        let report = try await clients.stop()
        #expect(report.failures.isEmpty, "\(report.failures.prefix(3))")
        #expect(report.answers > 1000)
        #expect(try await cluster.stop() == 0)
    }
}
