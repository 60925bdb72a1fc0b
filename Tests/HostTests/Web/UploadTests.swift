// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("uploads to a real server", .timeLimit(.minutes(10)))
struct HostUploadTests {
    private static let sources = [
        "actions/take.swift": """
        import ActionHero

        struct Take: Action {
            static let description = "I take a file"
            @Input("The file") var file: UploadedFile

            func run(_ context: Context) async throws -> [String: String] {
                ["size": "\\(file.size)", "hash": file.hash ?? "", "name": file.originalName ?? ""]
            }
        }
        """,
        "config/servers/web.yml": """
        default:
          bindIP: 127.0.0.1
          formOptions:
            maxFileSize: 2000000000
            maxTotalFileSize: 2000000000
            hashAlgorithm: sha256
        """,
    ]

    private static let built = Task {
        let project = try TestProject(sources)
        try await project.build()
        return project
    }

    private func serve(_ body: (TestProject, RunningHero) async throws -> Void) async throws {
        let project = try TestProject()
        let built = try await Self.built.value
        _ = try await Program.run("cp", ["-a", "\(built.root)/.", project.root], directory: "/")
        let hero = try await project.start(environment: ["LOG_LEVEL": "notice"])
        try await body(project, hero)
        #expect(try await hero.stop() == 0)
        #expect(Self.files(project) == [])
    }

    private static func files(_ project: TestProject) -> [String] {
        let all = FileManager.default.enumerator(atPath: project.path("tmp/uploads"))
        return (all?.compactMap { $0 as? String } ?? []).filter { $0.contains("/") }
    }

    private static func filesAreGone(_ project: TestProject) async {
        while !files(project).isEmpty { await Task.yield() }
    }

    /// A member of `/proc/PID/status`, in kB.
    private func memory(_ member: String, of hero: RunningHero) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(hero.identifier)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(member):") })
        return try #require(line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) })
    }

    @Test("a gigabyte goes to the disk through 20 MB of memory, with and without a length", arguments: [false, true])
    func takesGigabyte(isChunked: Bool) async throws {
        try await serve { project, hero in
            #expect(try await upload(megabytes: 1, isChunked: isChunked, hero).status == 200)
            await Self.filesAreGone(project)
            let idle = try memory("VmRSS", of: hero)
            // The highest value is counted from here.
            try "5".write(toFile: "/proc/\(hero.identifier)/clear_refs", atomically: false, encoding: .utf8)
            let answer = try await upload(megabytes: 1024, isChunked: isChunked, hero)
            let highest = try memory("VmHWM", of: hero)
            #expect(answer.text.contains("\"size\": \"1073741824\""))
            #expect(highest - idle < 20_000, "from \(idle) to \(highest) kB")
            await Self.filesAreGone(project)
        }
    }

    private func upload(megabytes: Int, isChunked: Bool, _ hero: RunningHero) async throws -> HTTPResponse {
        let connection = try HTTPConnection(port: await hero.port)
        let start = "--X\r\nContent-Disposition: form-data; name=file; filename=big\r\n\r\n"
        let end = "\r\n--X--\r\n"
        let length = start.utf8.count + megabytes << 20 + end.utf8.count
        try await connection.send(
            "POST /api/take HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=X\r\n"
                + (isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(length)") + "\r\n\r\n")
        // Line ends and dashes, so that boundaries are looked for everywhere.
        let piece = Array(
            String(repeating: "\r\n--not a boundary, but it could have been one....\r\r\n-", count: 21_000).utf8)
        let megabyte = Array(piece.prefix(1 << 20)) + [UInt8](repeating: 0, count: max(0, 1 << 20 - piece.count))
        func send(_ bytes: [UInt8]) async throws {
            guard isChunked else { return try await connection.send(bytes) }
            try await connection.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
        }
        try await send(Array(start.utf8))
        for _ in 0..<megabytes { try await send(megabyte) }
        try await send(Array(end.utf8))
        if isChunked { try await connection.send("0\r\n\r\n") }
        return try await connection.response()
    }

    @Test("what curl sends arrives as it was, also packed and without a length")
    func understandsCurl() async throws {
        try await serve { project, hero in
            var random = SeededRandom(seed: 5)
            let content = Data((0..<375_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } })
            try project.write(content, to: "na\u{ef}ve \"file\".bin")
            let sum = try await Program.run("sha256sum", [project.path("na\u{ef}ve \"file\".bin")], directory: "/")
                .output
            let digest = String(sum.drop { $0 == "\\" }.prefix(64))
            let url = "http://127.0.0.1:\(try await hero.port)/api/take"
            let file = "file=@\"na\u{ef}ve \\\"file\\\".bin\""
            for arguments in [
                ["-F", file], ["-F", file, "-H", "Transfer-Encoding: chunked"],
                ["-F", file, "-H", "Expect: 100-continue"],
            ] {
                let done = try await Program.run("curl", ["-s"] + arguments + [url], directory: project.root)
                #expect(done.output.contains(digest), "\(done.output)")
                #expect(done.output.contains("\"name\": \"na\u{ef}ve \\\"file\\\".bin\""), "\(done.output)")
            }
            let packed = try await Program.run(
                "/bin/sh",
                [
                    "-c",
                    "gzip -c na* | curl -s -T - -X POST -H 'Content-Type: application/octet-stream' -H 'Content-Encoding: gzip' \(url)",
                ], directory: project.root)
            #expect(packed.output.contains(digest), "\(packed.output)")
            await Self.filesAreGone(project)
        }
    }

    @Test("what a killed process has left is removed by the next one, and what a living one has is not")
    func tidiesUp() async throws {
        try await serve { project, hero in
            // Less than this waits in memory.
            let form =
                "--X\r\nContent-Disposition: form-data; name=file; filename=big\r\n\r\n"
                + String(repeating: "c", count: 20_000)
            let head =
                "POST /api/take HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=X\r\n"
                + "Content-Length: 30000\r\n\r\n"
            let other = try await project.start(environment: ["LOG_LEVEL": "notice"])
            let killed = try HTTPConnection(port: await other.port)
            try await killed.send(head + form)
            while Self.files(project).isEmpty { await Task.yield() }
            other.send(SIGKILL)
            _ = try await other.exitCode()
            #expect(Self.files(project).count == 1)
            let living = try HTTPConnection(port: await hero.port)
            try await living.send(head + form)
            while Self.files(project).count < 2 { await Task.yield() }
            let next = try await project.start(environment: ["LOG_LEVEL": "notice"])
            try await next.line(containing: "uploads of a process that has died were removed files=1")
            #expect(Self.files(project).count == 1)
            #expect(try await next.stop() == 0)
            try await living.send(String(repeating: "x", count: 30_000 - form.utf8.count - 9) + "\r\n--X--\r\n")
            #expect(try await living.response().status == 200)
        }
    }
}
