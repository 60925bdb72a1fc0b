// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

/// Each of these gives the documented error and leaves the server serving.
///
/// One server at a time: many starting at once say more about the machine than about the server.
@Suite("bad input", .badInputProject, .serialized)
struct BadInput {}

/// Builds the project that all suites of bad input share, once, and removes it afterwards.
struct BadInputProject: SuiteTrait, TestScoping {
    @TaskLocal static var current: TestProject?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let project = try TestProject([
            "actions/inputs.swift": BadInputSources.inputs, "actions/failures.swift": BadInputSources.failures,
            "actions/texts.swift": BadInputSources.texts, "c/plain.c": BadInputSources.c,
            "config/api.yml": "default:\n  disableParamScrubbing: true\n", "public/index.html": "index",
        ])
        try await project.build()
        let compiled = try await Program.run(
            "clang",
            ["-shared", "-fPIC", "-I", "\(Stage.root)/lib/hero/sdk", "c/plain.c", "-o", "actions/plain.so"],
            directory: project.root)
        let stamped = try await project.hero("bundle", "stamp", "--kind", "c", "actions/plain.so")
        guard compiled.code == 0, stamped.code == 0 else {
            throw BadInput.NoProject(reason: compiled.error + stamped.error)
        }
        try await Self.$current.withValue(project) { try await function() }
    }
}

extension Trait where Self == BadInputProject {
    static var badInputProject: Self { Self() }
}

extension BadInput {
    struct NoProject: Error { let reason: String }

    /// Starts a server of the shared project, runs the body, and asks whether the server still answers.
    ///
    /// - Parameters:
    ///   - web: Keys of `web` as JSON.
    ///   - environment: The section of the configuration.
    ///   - stops: Whether the server is to stop in good order afterwards; not possible while an action hangs.
    ///   - body: What to do to the server.
    /// - Throws: What the body throws.
    static func serve(
        web: String = "{}", environment: String = "development", stops: Bool = true,
        _ body: (RunningHero) async throws -> Void
    ) async throws {
        guard let project = BadInputProject.current else { throw NoProject(reason: "outside of the suite") }
        let title = "bad-\(UInt64.random(in: 0 ... .max))"
        let hero = try await project.start(environment: [
            "ACTIONHERO_CONFIG_OVERRIDES": #"{"web":\#(web)}"#, "ACTIONHERO_ENV": environment,
            "ACTIONHERO_TITLE": title,
        ])
        try await body(hero)
        let response = try await hero.request("/api/good?text=still%20here")
        #expect(response.status == 200)
        #expect(response.text.contains("still here"))
        if stops { #expect(try await hero.stop() == 0) }
        let log = try project.bytes("log/\(title)-\(environment).log")
        #expect(String(validating: log, as: UTF8.self) != nil, "the log holds bytes that are no UTF-8")
    }
}

extension RunningHero {
    /// Sends bytes on a connection of their own and reads until the server closes it.
    func raw(_ bytes: [UInt8]) async throws -> [HTTPResponse] {
        let connection = try HTTPConnection(port: await port)
        try await connection.send(bytes)
        return try HTTPResponse.all(try await connection.readToEnd())
    }

    func raw(_ parts: BytesOrText...) async throws -> [HTTPResponse] {
        try await raw(parts.flatMap(\.bytes))
    }
}

/// A part of a request: text, or bytes that are no text.
enum BytesOrText: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    case text(String)
    case raw([UInt8])

    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: UInt8...) { self = .raw(elements) }

    var bytes: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .raw(let bytes): bytes
        }
    }
}

extension HTTPResponse {
    /// The member `error` of a JSON body, as it is written there.
    var errorText: String? { text.firstMatch(of: /"error": ?"((?:[^"\\]|\\.)*)"/).map { String($0.output.1) } }
}
