// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroLog
import HeroRuntime
import HeroTestSupport
import Testing

@testable import HeroServers
@testable import HeroSystem

@Suite("what is told of a shortage")
struct ShortagesTests {
    @Test("is one line when it begins, then how often, and one when it is over")
    func episode() async throws {
        let (project, process) = try WebProcess.load(.init())
        let shortages = Shortages(process.application.log)
        func lines() throws -> [String] {
            process.application.log.flush()
            return try project.read("log/test-development.log").split(separator: "\n").map(String.init)
                .filter { $0.contains("descriptors") }
        }
        for _ in 0..<500 { shortages.note(.files, now: 100) }
        #expect(try lines().count == 1)
        shortages.sweep(now: 105)
        #expect(try lines().count == 1)
        shortages.sweep(now: 110)
        #expect(try lines().last?.contains("\"times\":499") == true)
        shortages.sweep(now: 119)
        #expect(try lines().count == 2 && !shortages.areOver)
        shortages.sweep(now: 120)
        #expect(try lines().last?.contains("descriptors for files: there are enough again") == true)
        #expect(try lines().last?.contains("\"times\":500") == true)
        #expect(shortages.areOver)
        shortages.sweep(now: 200)
        #expect(try lines().count == 3)
    }

    @Test("is told to clients as what it is")
    func statuses() {
        let expected: [(code: Int32, status: Int)] = [
            (EMFILE, 503), (ENFILE, 503), (ENOMEM, 503), (ENOSPC, 507), (EDQUOT, 507), (EACCES, 500), (0, 500),
        ]
        for (code, status) in expected {
            #expect(UploadWriter.fault(Shortage(errno: code)).status == status, "\(code)")
        }
    }

    @Test("leaves a reserve for connections, and a smaller one for the log and Redis", arguments: [64, 1024, 524_288])
    func reserve(limit: Int) {
        let reserve = DescriptorLimit.reserve(of: limit)
        #expect((4...64).contains(reserve) && reserve <= limit / 8)
        #expect(DescriptorLimit.forFiles < DescriptorLimit.forConnections)
        #expect(DescriptorLimit.forConnections < DescriptorLimit.current)
    }
}
