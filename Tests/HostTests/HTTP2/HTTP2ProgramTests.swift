// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("programs that speak HTTP/2")
struct HTTP2ProgramTests {
    private static let sources = [
        "actions/echo.swift": """
        import ActionHero

        struct Echo: Action {
            struct Output: Encodable {
                let params: JSON
                let scheme: String
            }

            func run(_ context: Context) async throws -> Output {
                Output(params: .object(context.params), scheme: context.connection.request?.scheme ?? "")
            }
        }

        struct Count: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.response.send(stream: AsyncStream { continuation in
                    for number in 0..<300 { continuation.yield(Array("line \\(number)\\n".utf8)) }
                    continuation.finish()
                })
                return NoOutput()
            }
        }
        """,
        "public/hello.txt": "hello\n",
    ]

    /// What differs from request to request, and from version to version.
    private static func comparable(_ answer: Finished) -> String {
        var lines = answer.output.replacingOccurrences(of: "\r", with: "").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        lines[0] = lines[0].replacingOccurrences(of: "HTTP/2 ", with: "").replacingOccurrences(
            of: "HTTP/1.1 ", with: "")
        lines[0] = String(lines[0].prefix(3))
        let volatile = ["date:", "connection:", "keep-alive:", "transfer-encoding:", "set-cookie:"]
        let kept = lines.map { line in
            // Names have no capitals in HTTP/2.
            guard let colon = line.firstIndex(of: ":"), !line.hasPrefix(" "), !line.hasPrefix("{") else { return line }
            return line[..<colon].lowercased() + line[colon...]
        }.filter { line in !volatile.contains { line.hasPrefix($0) } }
        return kept.joined(separator: "\n")
    }

    @Test("curl gets over HTTP/2, encrypted or not, what it gets over HTTP/1.1")
    func sameAnswers() async throws {
        let secure = try await SecureProject(
            Self.sources, web: ["metadataOptions: { serverInformation: false, requesterInformation: false }"])
        try secure.project.write(
            Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }), to: "public/large.bin")
        try await secure.project.build()
        for isSecure in [true, false] {
            let hero = try await secure.project.start([
                "--set", "web.secure=\(isSecure)", "--set", "general.disableParamScrubbing=true",
            ])
            let port = try await hero.port
            let base = isSecure ? "https://a.test:\(port)" : "http://a.test:\(port)"
            let two = isSecure ? "--http2" : "--http2-prior-knowledge"
            let json = ["-H", "Content-Type: application/json", "-d", "{\"a\":[1,2]}"]
            let requests = [
                ["/api/echo?b=1&c[d]=2"], ["/api/echo"] + json, ["/api/echo", "-d", "x=1&y=2"], ["/api/nothing"],
                ["/public/hello.txt"], ["/public/none"], ["/public/hello.txt", "-I"], ["/api/count"],
                ["/api/echo", "-X", "OPTIONS"], ["/health/ready"], ["/public/large.bin", "-o", "large"],
            ]
            for request in requests {
                var answers: [String] = []
                for version in ["--http1.1", two] {
                    let done = try await Program.run(
                        "curl",
                        [
                            "-sS", "-g", "-i", "--max-time", "60", "--cacert", secure.authority.certificate,
                            "--resolve",
                            "a.test:\(port):127.0.0.1", version, base + request[0],
                        ] + request.dropFirst(), directory: secure.project.root)
                    #expect(done.code == 0, "\(request): \(done.error)")
                    if !request.contains("-o") {
                        #expect(done.output.hasPrefix(version == two ? "HTTP/2 " : "HTTP/1.1 "))
                        answers.append(Self.comparable(done))
                    } else {
                        let bytes = try secure.project.bytes("large")
                        answers.append(
                            "\(bytes.count) \(bytes.suffix(3_000_000) == (try secure.project.bytes("public/large.bin")))"
                        )
                    }
                }
                if request.contains("-o") {
                    #expect(answers.allSatisfy { $0.hasSuffix("true") }, "\(answers)")
                } else {
                    #expect(answers[0] == answers[1], "\(request)")
                }
            }
            #expect(try await hero.stop() == 0)
        }
    }

    @Test("a client that knows only HTTP/1.1 gets that, and so does everyone where HTTP/2 is switched off")
    func negotiation() async throws {
        let secure = try await SecureProject(["public/hello.txt": "hello\n"])
        let hero = try await secure.project.start()
        let port = try await hero.port
        for (flag, version) in [("--http2", "2"), ("--http1.1", "1.1"), ("--no-alpn", "1.1")] {
            let done = try await secure.curl(
                "/public/hello.txt", port: port, flag, "-o", "/dev/null", "-w", "%{http_version}")
            #expect(done.output == version, "\(flag): \(done)")
        }
        #expect(try await hero.stop() == 0)
        let old = try await secure.project.start(["--set", "web.http2=false"])
        let done = try await secure.curl(
            "/public/hello.txt", port: try await old.port, "--http2", "-o", "/dev/null", "-w", "%{http_version}")
        #expect(done.output == "1.1")
        #expect(try await old.stop() == 0)
    }

    @Test("nghttp gets several things at once; h2load's 100 requests at a time are all answered")
    func nghttp() async throws {
        let project = try TestProject(Self.sources)
        try await project.build()
        let hero = try await project.start()
        let base = "http://127.0.0.1:\(try await hero.port)"
        let many = try await Program.run(
            "nghttp", ["-n", "-s", "\(base)/api/echo", "\(base)/public/hello.txt", "\(base)/api/count"],
            directory: project.root)
        #expect(many.code == 0 && many.output.components(separatedBy: " 200 ").count == 4, "\(many)")
        // What is streamed comes in hundreds of pieces.
        for (path, count) in [("/api/echo?a=1", 1000), ("/public/hello.txt", 1000), ("/api/count", 400)] {
            let load = try await Program.run(
                "h2load", ["-n", "\(count)", "-c", "4", "-m", "100", base + path], directory: project.root)
            let wanted = "\(count) succeeded, 0 failed, 0 errored, 0 timeout"
            #expect(load.output.contains(wanted), "\(path): \(load.output)")
            #expect(load.output.contains("status codes: \(count) 2xx"), "\(path)")
        }
        #expect(try await hero.stop() == 0)
    }

    @Test("events end when the server stops, and the client takes their stream for whole", arguments: ["2", "1.1"])
    func events(_ version: String) async throws {
        let project = try TestProject([
            "actions/events.swift": """
            import ActionHero

            struct Events: Action {
                func run(_ context: Context) async throws -> NoOutput {
                    let log = context.log
                    var hasSent = false
                    context.response.sendEvents(AsyncStream<ServerSentEvent> { () async -> ServerSentEvent? in
                        guard hasSent else {
                            hasSent = true
                            return ServerSentEvent("first")
                        }
                        log.notice("the first event has left")
                        try? await Task.sleep(for: .seconds(3600))
                        return nil
                    })
                    return NoOutput()
                }
            }
            """
        ])
        try await project.build()
        let hero = try await project.start()
        async let events = Program.run(
            "curl",
            [
                "-sS", "-N", "--max-time", "60", version == "2" ? "--http2-prior-knowledge" : "--http1.1", "-w",
                "%{http_version}", "http://127.0.0.1:\(try await hero.port)/api/events",
            ], directory: project.root)
        try await hero.line(containing: "the first event has left")
        #expect(try await hero.stop() == 0)
        let done = try await events
        #expect(done.code == 0, "\(done)")
        #expect(done.output == "data: first\n\n\(version)")
        #expect(!hero.lines.contains { $0.contains("a streamed response failed") })
    }

    @Test("a response that has begun ends when the server stops, and the client is told to come no more")
    func drain() async throws {
        let project = try TestProject([
            "actions/slow.swift": """
            import ActionHero
            import Glibc

            struct Slow: Action {
                func run(_ context: Context) async throws -> [String: Bool] {
                    context.log.notice("the action has begun")
                    let go = context.application.projectRoot + "/go"
                    while access(go, F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
                    return ["finished": true]
                }
            }
            """
        ])
        try await project.build()
        let hero = try await project.start()
        let port = try await hero.port
        let client = try RunningHero(
            ["-v", "http://127.0.0.1:\(port)/api/slow"], executable: "nghttp", directory: project.root, environment: [:]
        )
        try await hero.line(containing: "the action has begun")
        hero.send(SIGTERM)
        try await client.line(containing: "recv GOAWAY")
        #expect(!client.lines.contains { $0.contains("finished") })
        try project.write("", to: "go")
        #expect(try await hero.exitCode() == 0)
        #expect(try await client.exitCode() == 0)
        let output = client.lines.joined(separator: "\n")
        #expect(output.contains("\"finished\": true") && output.contains("NO_ERROR"), "\(output)")
    }
}
