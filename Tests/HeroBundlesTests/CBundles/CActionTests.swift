// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroShared

@Suite("an action in C is an action like any other")
struct CActionTests {
    private let project: TemporaryProject
    private let process: HeroProcess

    init() throws {
        project = try TemporaryProject()
        try project.build(Self.source, to: "actions/c.so")
        let setup = ProcessSetup(projectRoot: project.root, environment: [:], logMode: .command)
        let file = Generation.File(role: .action, path: "actions/swift.so", sha256: "", manifest: nil)
        let twin = LoadedBundle(file: file, types: [.action(SwiftTwin.self)])
        process = try HeroProcess(setup.makeApplication(), bundles: project.load() + [twin], checking: Self.nothing)
    }

    @Test(
        "it answers requests, good and bad, as its twin in Swift does",
        arguments: [
            ["flag": "on", "count": "3", "ratio": "1e3", "text": 5, "data": "[1]"],
            ["flag": true, "count": 3, "ratio": 1, "text": "", "data": nil, "limit": 4],
            ["flag": "maybe", "count": "3.5", "ratio": "x", "text": [1], "data": 1],
            ["count": 1], [:], ["flag": "", "count": "", "ratio": "", "text": "", "data": ""],
            ["flag": 1, "count": 1e30, "ratio": 1, "text": "t", "data": 1],
            ["flag": 1, "count": 1, "ratio": 1, "text": "t", "data": 1, "limit": "many"],
        ] as [JSON.Object])
    func sameAnswers(parameters: JSON.Object) async {
        let answers = await [answer("cTwin", parameters), answer("swiftTwin", parameters)]
        #expect(answers[0].text() == answers[1].text())
    }

    @Test("it is documented like one")
    func documentation() throws {
        let record = try #require(process.processor.actions.find("cTwin"))
        let twin = try #require(process.processor.actions.find("swiftTwin"))
        #expect(record.version == "3" && record.description == "I am written in C" && record.file == "actions/c.so")
        func text(_ record: ActionRecord) -> [String] { record.inputs.descriptions.map { "\($0)" } }
        #expect(text(record) == text(twin))
        #expect(record.inputs.descriptions.filter(\.isSecret).map(\.name) == ["text"])
    }

    @Test("it runs on the thread pool, so that it may block")
    func threadPool() throws {
        #expect(try #require(process.processor.actions.find("cTwin")).execution == .threadPool)
    }

    @Test("parameters that are no input of it are dropped, reserved ones are refused as inputs")
    func names() throws {
        #expect(try #require(process.processor.actions.find("cTwin")).inputs.hasInput("other") == false)
        let reserved = try TemporaryProject()
        try reserved.build(Self.source.replacing("\"limit\"", with: "\"file\""), to: "actions/c.so")
        let application = process.application
        let bundles = try reserved.load()
        let refused = #expect(throws: BundlesRefused.self) {
            try HeroProcess(application, bundles: bundles, checking: Self.nothing)
        }
        #expect(refused?.problems.map(\.code) == [.definition])
        #expect(refused?.problems.first?.message.contains("input `file` in action `cTwin` is a reserved param") == true)
    }

    @Test("one name and version in two bundles is a conflict")
    func conflict() throws {
        let bundles = try project.load()
        let application = process.application
        let refused = #expect(throws: BundlesRefused.self) {
            try HeroProcess(application, bundles: bundles + bundles, checking: Self.nothing)
        }
        #expect(refused?.problems.map(\.code) == [.nameConflict])
    }

    /// There are no servers, and so no routes.
    private static func nothing(_: HeroApplication, _: ActionRegistry) -> [BundleProblem] { [] }

    private func answer(_ name: String, _ parameters: JSON.Object) async -> JSON {
        do {
            return try await process.processor.runInline(name, version: nil, params: parameters)
        } catch let error as ActionError {
            return ["error": .string(error.message.replacing("swiftTwin", with: "cTwin"))]
        } catch {
            return .string("\(error)")
        }
    }

    private struct SwiftTwin: Action {
        static let description = "I am written in Swift"

        @Input("A flag") var flag: Bool
        @Input("A number") var count: Int
        @Input("A ratio") var ratio: Double
        @Input("A text", secret: true) var text: String
        @Input("Some data") var data: JSON?
        @Input("A limit") var limit = 10

        struct Output: Encodable {
            let flag: Bool
            let count: Int
            let ratio: Double
            let text: String
            let limit: Int
        }

        func run(_ context: Context) -> Output {
            Output(flag: flag, count: count, ratio: ratio, text: text, limit: limit)
        }
    }

    private static let source = """
        #include <hero_bundle.h>
        #include <stdio.h>

        static const char *twin(bool flag, int64_t count, double ratio, const char *text, const char *data, int64_t limit,
                                hero_error *error) {
            static _Thread_local char buffer[512];
            (void)data;
            if (snprintf(buffer, sizeof buffer, "{\\"flag\\":%s,\\"count\\":%lld,\\"ratio\\":%.17g,\\"text\\":\\"%s\\",\\"limit\\":%lld}",
                         flag ? "true" : "false", (long long)count, ratio, text, (long long)limit) < 0) error->status = 500;
            return buffer;
        }
        static const hero_input inputs[] = {
            {.name = "flag", .help = "A flag", .type = HERO_TYPE_BOOLEAN, .flags = HERO_INPUT_REQUIRED},
            {.name = "count", .help = "A number", .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_REQUIRED},
            {.name = "ratio", .help = "A ratio", .type = HERO_TYPE_DOUBLE, .flags = HERO_INPUT_REQUIRED},
            {.name = "text", .help = "A text", .type = HERO_TYPE_TEXT, .flags = HERO_INPUT_REQUIRED | HERO_INPUT_SECRET},
            {.name = "data", .help = "Some data", .type = HERO_TYPE_JSON},
            {.name = "limit", .help = "A limit", .type = HERO_TYPE_INTEGER, .default_text = "10"},
        };
        static const hero_action actions[] = {{
            .name = "cTwin", .version = "3", .description = "I am written in C", .inputs = inputs,
            .input_count = HERO_COUNT(inputs), .result_type = HERO_TYPE_JSON, .function = (hero_function)twin}};
        HERO_BUNDLE(actions);
        """
}
