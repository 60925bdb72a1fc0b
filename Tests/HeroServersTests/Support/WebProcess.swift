// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroConfiguration
import HeroLog
import HeroRuntime
import HeroServers
import HeroShared
import HeroTestSupport

/// A process in memory with a web server on a port of its own.
struct WebProcess: Sendable {
    let project: TestProject
    let application: HeroApplication
    let process: HeroProcess
    let server: WebServer
    let port: Int

    /// What differs from a process with the default configuration.
    struct Setup: Sendable {
        var actions: [any Action.Type] = []
        /// Keys of `web`.
        var web: JSON = [:]
        /// Keys of `general`.
        var general: JSON = [:]
        var errors: JSON = [:]
        var routes: JSON = [:]
        var plugins: JSON = [:]
        var environment = "development"
        /// Whether the initializers are still at work; `server.accept()` is what follows.
        var isStarting = false
        /// Protocols with which clients may go on.
        var upgrades: [any UpgradeProtocol] = []
        /// Contents by path below the project.
        var files: [String: String] = [:]
    }

    static func setup(_ actions: [any Action.Type], web: JSON = [:]) -> Setup {
        Setup(actions: actions, web: web)
    }

    struct SwitchedOff: Error {}

    /// Makes the application of a setup.
    static func load(_ setup: Setup) throws -> (TestProject, HeroProcess) {
        let project = try TestProject(setup.files.merging(["config/empty.yml": "default: {}\n"]) { $1 })
        let overrides: JSON = [
            "web": setup.web, "general": setup.general, "errors": setup.errors, "routes": setup.routes,
            "plugins": setup.plugins,
        ]
        let process = ProcessSetup(
            projectRoot: project.root,
            environment: [
                "ACTIONHERO_CONFIG_OVERRIDES": overrides.description, "ACTIONHERO_ENV": setup.environment,
                "ACTIONHERO_TITLE": "test", "LOG_LEVEL": "debug", "PORT": "0",
            ])
        let bundles = setup.actions.enumerated().map { position, type in
            LoadedBundle(
                file: Generation.File(role: .action, path: "actions/\(position).so", sha256: "", manifest: nil),
                types: [.action(type)])
        }
        return (project, try HeroProcess(process.makeApplication(), bundles: bundles, checking: RouteCheck.problems))
    }

    /// Serves while the body runs.
    static func serve(_ setup: Setup, _ body: (WebProcess) async throws -> Void) async throws {
        let (project, process) = try load(setup)
        let plan = try WebServerPlan(process.application)
        guard plan.isEnabled else { throw SwitchedOff() }
        plan.announce(process.application.log)
        let loop = ProcessLoop(process.application)
        let server = try await WebServer.bind(
            plan, ServerSite(process.application, process.processor, on: loop), upgrades: setup.upgrades)
        if !setup.isStarting { try await server.accept() } else { try await server.open() }
        let port = server.address?.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let web = WebProcess(
            project: project, application: process.application, process: process, server: server, port: port)
        do {
            try await body(web)
        } catch {
            await server.shutDown()
            await loop.shutDown()
            throw error
        }
        await server.shutDown()
        await loop.shutDown()
    }

    static func serve(
        _ actions: [any Action.Type], web: JSON = [:], _ body: (WebProcess) async throws -> Void
    ) async throws {
        try await serve(setup(actions, web: web), body)
    }

    // MARK: Clients

    func connect() throws -> HTTPConnection { try HTTPConnection(port: port) }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    func raw(_ bytes: [UInt8]) async throws -> [HTTPResponse] {
        let connection = try connect()
        try await connection.send(bytes)
        return try HTTPResponse.all(try await connection.readToEnd())
    }

    func raw(_ text: String) async throws -> [HTTPResponse] { try await raw(Array(text.utf8)) }

    /// One request on a connection of its own.
    func request(
        _ target: String, method: String = "GET", headers: [(String, String)] = [], body: String? = nil
    ) async throws -> HTTPResponse {
        let connection = try connect()
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        try await connection.send(head + "\r\n" + (body ?? ""))
        return try await connection.response(hasBody: method != "HEAD")
    }

    /// Lines of the log file with that message.
    func log(_ message: String) throws -> [JSON] { try Self.log(message, of: application, in: project) }

    static func log(_ message: String, of application: HeroApplication, in project: TestProject) throws -> [JSON] {
        application.log.flush()
        return try project.read("log/test-\(application.configuration.environment).log").split(separator: "\n")
            .map { try JSON(parsing: String($0)) }.filter { $0["message"]?.stringValue == message }
    }
}

extension HTTPResponse {
    /// The body as JSON.
    var json: JSON { get throws { try JSON(parsing: text) } }

    /// A member of the body, when that is a JSON object.
    func member(_ name: String) -> JSON? { (try? json)?[name] }

    /// The member `error` of the body.
    var error: String? { member("error")?.stringValue }

    /// What the action saw, as ``Echo`` reports it.
    var params: JSON { get throws { try json["params"] ?? .null } }
}
