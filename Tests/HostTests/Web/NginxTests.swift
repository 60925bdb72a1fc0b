// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("behind nginx, with the configuration of docs/nginx.md")
struct NginxTests {
    private struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    private static let sources = [
        "actions/who.swift": """
        import ActionHero

        struct Who: Action {
            func run(_ context: Context) async throws -> [String: String] {
                let request = context.connection.request
                return [
                    "ip": context.connection.remoteIP, "scheme": request?.scheme ?? "",
                    "host": request?.hostName ?? "", "upgrade": request?.header("Upgrade") ?? "none",
                    "port": context.connection.remotePort > 0 ? "known" : "unknown",
                ]
            }
        }
        """,
        "public/page.html": "a page", "public/index.html": "the start", "public/deep/index.html": "deeper",
    ]

    @Test("one process answers actions, knows its clients and leaves files to nginx")
    func single() async throws {
        let project = try await built()
        let hero = try await project.start()
        try await verify(project)
        #expect(try await hero.stop() == 0)
        #expect(hero.lines.allSatisfy { !$0.contains("[ file @ web ]") || $0.contains("{not found}") })
    }

    @Test("a cluster does the same")
    func cluster() async throws {
        let project = try await built()
        let hero = try project.launch(["cluster", "--workers", "2"])
        try await hero.line(containing: "cluster equilibrium state reached with 2 workers")
        try await verify(project)
        hero.send(SIGTERM)
        #expect(try await hero.exitCode() == 0)
    }

    /// Others can neither become another user nor give files to groups that they are not in.
    private static let isRoot = geteuid() == 0
    private static let group = isRoot ? "www-data" : "\"\(getegid())\""

    private func built() async throws -> TestProject {
        let project = try TestProject(Self.sources)
        let settings = try #require(try Self.block("yaml"))
        try project.write(
            settings.replacing("/srv/shop", with: project.root).replacing("www-data", with: Self.group),
            to: "config/servers/web.yml")
        try FileManager.default.createDirectory(atPath: project.path("tmp"), withIntermediateDirectories: true)
        try await project.build()
        return project
    }

    private func verify(_ project: TestProject) async throws {
        let (nginx, port) = try await start(project)
        func get(_ target: String, _ headers: String = "") async throws -> HTTPResponse {
            let connection = try HTTPConnection(port: port)
            try await connection.send(
                "GET \(target) HTTP/1.1\r\nHost: shop.example.com\r\n\(headers)Connection: close\r\n\r\n")
            return try await connection.response()
        }
        let who = try await get("/api/who", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n")
        #expect(who.status == 200)
        for member in [
            #""ip": "127.0.0.1""#, #""scheme": "http""#, #""host": "shop.example.com""#, #""upgrade": "none""#,
            #""port": "known""#,
        ] { #expect(who.text.contains(member), "\(who.text)") }
        // Until there are WebSockets, hero answers this path as one of a file.
        #expect(try await get("/primus", "Upgrade: websocket\r\n").status == 404)
        for (path, text) in [("/page.html", "a page"), ("/", "the start"), ("/deep/", "deeper")] {
            let file = try await get(path)
            #expect(file.text == text)
            #expect(file["server"]?.hasPrefix("nginx") == true)
            #expect(file["x-powered-by"] == nil, "\(path) is served by nginx")
        }
        let missing = try await get("/nope.html")
        #expect(missing.status == 404)
        #expect(missing["x-powered-by"] != nil, "what nginx does not find is for hero")
        #expect(try await get("/health/ready").status == 404)
        #expect(try await nginx.stop() == 0)
    }

    /// nginx with the page's file, on a free port and with everything below the project.
    private func start(_ project: TestProject) async throws -> (RunningHero, port: Int) {
        let page = try #require(try Self.block("nginx"))
        let scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(project.path("tmp/\($0)"));" }.joined(separator: " ")
        for _ in 0..<10 {
            let port = try Self.freePort()
            let text =
                page
                .replacing("user www-data;", with: Self.isRoot ? "user www-data;" : "")
                .replacing("worker_processes auto;", with: "worker_processes 1;")
                .replacing("/srv/shop", with: project.root).replacing("/run/nginx.pid", with: project.path("tmp/pid"))
                .replacing("/var/log/nginx/error.log", with: "stderr")
                .replacing("/var/log/nginx/access.log", with: project.path("tmp/access.log"))
                .replacing("listen 80;", with: "listen 127.0.0.1:\(port);")
                .replacing("http {\n", with: "http {\n\(scratch)\n")
            try project.write(text, to: "nginx.conf")
            let nginx = try RunningHero(
                ["-e", "stderr", "-c", project.path("nginx.conf"), "-g", "daemon off;"],
                executable: "/usr/sbin/nginx", directory: project.root, environment: [:])
            if (try? await nginx.line(containing: "start worker process ")) != nil { return (nginx, port) }
            // Somebody else took the port in the meantime.
            guard nginx.lines.contains(where: { $0.contains("Address already in use") }) else {
                throw NotStarted(description: nginx.lines.joined(separator: "\n"))
            }
        }
        throw NotStarted(description: "no free port")
    }

    private static func block(_ language: String) throws -> String? {
        let page = try Stage.text("docs/nginx.md")
        guard let start = page.firstRange(of: "```\(language)\n"),
            let end = page[start.upperBound...].firstRange(of: "```")
        else { return nil }
        return String(page[start.upperBound..<end.lowerBound])
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard result == 0 else { throw NotStarted(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
