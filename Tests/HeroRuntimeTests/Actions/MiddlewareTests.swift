// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

/// Notes each step and throws where the parameter `failAt` says so.
private protocol Noting: ActionMiddleware {
    static var label: String { get }
}

extension Noting {
    static var name: String { label }

    func before(_ context: Context) async throws {
        try context.journal.add("\(Self.label) before \(context.params["secretOfMiddleware"] ?? nil)")
        if context.params["skipAt"] == .string(Self.label) { context.skipAction() }
        if context.params["failAt"] == .string("\(Self.label) before") { throw ActionError("\(Self.label) refused") }
    }

    func after(_ context: Context, error: (any Error)?) async throws {
        try context.journal.add("\(Self.label) after \(error.map { "\($0)" } ?? context.response.data.description)")
        context.response[Self.label] = true
        if context.params["file"] == .string("\(Self.label) after") { throw ActionError("\(Self.label) failed late") }
    }
}

@Suite("middleware around actions")
struct MiddlewareTests {
    private struct First: Noting {
        static let label = "first"
        static let isGlobal = true
        static let priority = 5
    }

    private struct Default: Noting {
        static let label = "default"
        static let isGlobal = true
    }

    private struct Late: Noting {
        static let label = "late"
        static let isGlobal = true
        static let priority = 200
    }

    private struct Named: Noting {
        static let label = "named"
        static let priority = 1
    }

    private struct Other: Noting { static let label = "other" }

    private struct Work: Action {
        static let middleware = ["other", "named", "first"]
        @Input("fails") var fails = false
        func run(_ context: Context) async throws -> [String: Bool] {
            try context.journal.add("run")
            if fails { throw ActionError("work failed") }
            return ["done": true]
        }
    }

    private struct Bare: Action {
        @Input("needed") var needed: String
        func run(_ context: Context) async throws -> [String: Bool] {
            try context.journal.add("run")
            return [:]
        }
    }

    private func process(_ overrides: JSON = [:]) throws -> InMemoryProcess {
        try InMemoryProcess(
            [
                .actionMiddleware(Late.self), .actionMiddleware(Other.self), .action(Work.self), .action(Bare.self),
                .actionMiddleware(Default.self), .actionMiddleware(Named.self), .actionMiddleware(First.self),
            ], overrides: overrides)
    }

    /// Who came, without what they saw.
    private func order(_ process: InMemoryProcess) -> [String] {
        process.journal.all.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    }

    @Test("global ones run by priority, then those that the action names in its own order, before and after alike")
    func order() async throws {
        let process = try process()
        let call = await process.answer("work")
        let names = ["first", "default", "late", "other", "named"]
        #expect(order(process) == names.map { "\($0) before" } + ["run"] + names.map { "\($0) after" })
        #expect(call.response.data["done"] == true && call.response.data["named"] == true)
        #expect(
            process.journal.all.last
                == #"named after {"done":true,"first":true,"default":true,"late":true,"other":true}"#)
    }

    @Test("the place of those without a priority is that of the configuration")
    func defaultPriority() async throws {
        let process = try process(["general": ["defaultMiddlewarePriority": 300]])
        _ = await process.answer("bare", ["needed": "x"])
        #expect(order(process).prefix(3) == ["first before", "late before", "default before"])
    }

    @Test("before sees all parameters; missing inputs are found after it, and after is told of them")
    func inputs() async throws {
        let process = try process()
        let call = await process.answer("bare", ["secretOfMiddleware": "x"])
        #expect(call.result?.status == .missingParams)
        #expect(process.journal.all.first == #"first before "x""#)
        #expect(
            process.journal.all.suffix(3).allSatisfy { $0.hasSuffix("needed is a required parameter for this action") })
        #expect(!process.journal.all.contains("run"))
    }

    @Test("an error of the action reaches every after and is answered")
    func actionError() async throws {
        let process = try process()
        let call = await process.answer("work", ["fails": true])
        #expect(call.error == "work failed")
        #expect(process.journal.all.filter { $0.hasSuffix("after work failed") }.count == 5)
        #expect(call.response.data["named"] == true)
    }

    @Test("an error in before ends the request; after runs for those that had begun")
    func beforeError() async throws {
        let process = try process()
        let call = await process.answer("work", ["failAt": "default before"])
        #expect(call.error == "default refused")
        #expect(call.result?.status == .genericError)
        #expect(
            process.journal.all == [
                "first before null", "default before null", "first after default refused",
                "default after default refused",
            ])
    }

    @Test("a skipped action is answered as it stands, with every after run")
    func skipping() async throws {
        let process = try process()
        let call = await process.answer("work", ["skipAt": "first"])
        #expect(call.result?.status == .complete)
        #expect(!process.journal.all.contains("run"))
        #expect(order(process).filter { $0.hasSuffix("after") }.count == 5)
        #expect(call.response.data["done"] == nil && call.response.data["first"] == true)
    }

    @Test("an error in after replaces a success, and is logged behind another error")
    func afterError() async throws {
        let process = try process()
        let call = await process.answer("work", ["file": "default after"])
        #expect(call.error == "default failed late")
        #expect(call.response.data["done"] == true)
        // Those behind it are told.
        #expect(process.journal.all.last == "named after default failed late")
        let failed = await process.answer("work", ["file": "default after", "fails": true])
        #expect(failed.error == "work failed")
        let line = try process.log().first { $0["message"] == "middleware failed after an action that had failed" }
        #expect(line?["action"] == "work" && line?["error"] == "default failed late")
    }

    @Test("middleware that does not exist, or exists twice, stops the boot")
    func faults() {
        struct Asking: Action {
            static let middleware = ["nmaed"]
            func run(_ context: Context) async throws -> Int { 1 }
        }
        struct Again: Noting { static let label = "named" }
        func fault(_ types: BundleType...) -> String { InMemoryProcess.fault(types) }
        let unknown = fault(.action(Asking.self), .actionMiddleware(Named.self))
        #expect(unknown.contains("action `asking`: it asks for the middleware `nmaed`, which does not exist"))
        #expect(unknown.contains("did you mean `named`?"))
        let twice = fault(.actionMiddleware(Named.self), .actionMiddleware(Again.self))
        #expect(twice.contains("middleware named is defined by actions/0.so and actions/1.so"))
    }
}

@Suite("middleware of connections")
struct ConnectionMiddlewareTests {
    private struct Door: ConnectionMiddleware {
        static let priority = 1
        func create(_ connection: Connection) async throws { connection.session["seen"] = true }
        func destroy(_ connection: Connection) async throws { throw ActionError("door jammed") }
    }

    private struct Guardian: ConnectionMiddleware {
        func create(_ connection: Connection) async throws {
            if connection.type == "stranger" { throw ActionError("not you", status: 403) }
        }
    }

    private struct Last: ConnectionMiddleware {
        static let priority = 900
        func create(_ connection: Connection) async throws { connection.session["last"] = true }
        func destroy(_ connection: Connection) async throws {
            let journal: Journal? = connection.session["journal"]
            journal?.add("last destroyed")
        }
    }

    private struct Visit: Action {
        func run(_ context: Context) async throws -> [String: Bool] {
            context.connection.session["journal"] = try context.journal
            try context.journal.add("run")
            return ["seen": context.connection.session["seen"] ?? false]
        }
    }

    private func process() throws -> InMemoryProcess {
        try InMemoryProcess([
            .action(Visit.self), .connectionMiddleware(Last.self), .connectionMiddleware(Guardian.self),
            .connectionMiddleware(Door.self),
        ])
    }

    @Test("create runs before the request, destroy after it, and an error in destroy is logged only")
    func lifetime() async throws {
        let process = try process()
        let call = await process.answer("visit")
        #expect(call.response.data == ["seen": true])
        #expect(process.journal.all == ["run", "last destroyed"])
        #expect(try process.log().contains { $0["error"] == "door jammed" && $0["level"] == "error" })
    }

    @Test("an error in create refuses the request, and only what had begun is undone")
    func refusal() async throws {
        let process = try process()
        let request = process.request("visit", type: "stranger")
        request.connection.session["journal"] = process.journal
        let call = await process.process.processor.run(request)
        #expect(call.error == "not you")
        #expect(call.result?.error?.httpStatus == 403)
        #expect(process.journal.all.isEmpty)
    }

    @Test("a request on a connection that lives on does not run it")
    func longConnections() async throws {
        let process = try process()
        var request = process.request("visit")
        request.isWholeConnection = false
        let call = await process.process.processor.run(request)
        #expect(call.response.data == ["seen": false])
    }
}
