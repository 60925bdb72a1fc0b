// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("downloads")
struct DownloadTests {
    private static let bytes = 1_073_741_824
    private static let megabyte = 1024

    @Test("a file of 1 GiB passes through a process whose memory stays as it was", arguments: [false, true])
    func large(isSecure: Bool) async throws {
        let secure = try await SecureProject()
        // Without a disk block: what is read is zeros.
        try secure.project.write(Data(), to: "public/large.bin")
        try #require(truncate(secure.project.path("public/large.bin"), Self.bytes) == 0)
        let hero = try await secure.project.start(["--set", "web.secure=\(isSecure)"])
        let port = try await hero.port
        let base = isSecure ? "https://a.test:\(port)" : "http://127.0.0.1:\(port)"
        func download(_ path: String) async throws -> String {
            try await Program.run(
                "curl",
                [
                    "-sS", "--cacert", secure.authority.certificate, "--resolve", "a.test:\(port):127.0.0.1",
                    "-o", "/dev/null", "-w", "%{http_code} %{size_download}", base + path,
                ], directory: secure.project.root
            ).output
        }
        #expect(try await download("/hello.txt") == "200 6")
        let idle = ProcessTable.residentKilobytes(of: hero.identifier)
        try ProcessTable.forgetPeak(of: hero.identifier)
        #expect(try await download("/large.bin") == "200 \(Self.bytes)")
        let peak = ProcessTable.peakKilobytes(of: hero.identifier)
        #expect(idle > 0)
        #expect(peak - idle < 20 * Self.megabyte, "\(idle) kB became \(peak) kB")
        #expect(try await hero.stop() == 0)
    }

    @Test("curl takes ranges, and goes on where it was interrupted", arguments: [false, true])
    func resumed(isSecure: Bool) async throws {
        let content = Data((0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) })
        let secure = try await SecureProject()
        try secure.project.write(content, to: "public/file.bin")
        let hero = try await secure.project.start(["--set", "web.secure=\(isSecure)"])
        let port = try await hero.port
        let url = isSecure ? "https://a.test:\(port)/file.bin" : "http://127.0.0.1:\(port)/file.bin"
        func curl(_ arguments: String...) async throws -> Finished {
            try await Program.run(
                "curl",
                ["-sS", "--cacert", secure.authority.certificate, "--resolve", "a.test:\(port):127.0.0.1", url]
                    + arguments, directory: secure.project.root)
        }
        #expect(try await curl("-r", "1000000-1000009", "-o", "range").code == 0)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: secure.project.path("range"))) == content[1_000_000..<1_000_010])
        try secure.project.write(content[..<700_000], to: "rest")
        #expect(try await curl("-C", "-", "-o", "rest", "-w", "%{http_code}").output == "206")
        #expect(try Data(contentsOf: URL(fileURLWithPath: secure.project.path("rest"))) == content)
        #expect(try await curl("-C", "-", "-o", "rest", "-w", "%{http_code}").output == "416")
        #expect(try await hero.stop() == 0)
    }
}

extension ProcessTable {
    /// The most memory that a process has had since its peak was forgotten.
    fileprivate static func peakKilobytes(of pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? Int.max
    }

    fileprivate static func forgetPeak(of pid: Int32) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
        try file.write(contentsOf: Data("5".utf8))
        try file.close()
    }
}
