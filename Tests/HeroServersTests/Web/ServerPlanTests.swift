// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroLog
import HeroRuntime
import HeroSystem
import HeroTestSupport
import Synchronization
import Testing

@testable import HeroServers

@Suite("a server as a plan")
struct ServerPlanTests {
    /// A server of another kind, as far as a process knows one.
    private final class Other: HeroServer {
        let name = "other"
        let inherited: Int32?
        private let steps = Mutex<[String]>([])
        var all: [String] { steps.withLock { $0 } }

        init(_ inherited: Int32?) { self.inherited = inherited }

        private func note(_ step: String) { steps.withLock { $0.append(step) } }

        var address: String? { nil }
        var listeningDescriptors: [(name: String, descriptor: Int32)] { inherited.map { [(name, $0)] } ?? [] }
        func accept() async throws { note("accept") }
        func takeNothingNew() async { note("takeNothingNew") }
        func stop(keepsSocket: Bool, _ limits: DrainLimits) async { note("stop") }
        var connectionCount: Int { get async { 2 } }
        func shutDown() async { note("shutDown") }
    }

    private final class OtherPlan: ServerPlan {
        struct Broken: Error {}

        let name: String
        let isEnabled: Bool
        let isBroken: Bool
        let address = ListenAddress.tcp(host: "127.0.0.1", port: 7)
        let access = SocketAccess()
        let made = Mutex<Other?>(nil)

        init(_ name: String = "other", isEnabled: Bool = true, isBroken: Bool = false) {
            (self.name, self.isEnabled, self.isBroken) = (name, isEnabled, isBroken)
        }

        func announce(_ log: LogRouter) { log.write(level: .info, message: "plan \(name)", data: []) }

        func bind(_ site: ServerSite) async throws -> any HeroServer {
            if isBroken { throw Broken() }
            let server = Other(site.inherited)
            made.withLock { $0 = server }
            return server
        }
    }

    /// The log of a process in memory.
    private struct LoggedProcess {
        let process: HeroProcess
        let read: () throws -> String

        init(_ setup: WebProcess.Setup) throws {
            let (project, process) = try WebProcess.load(setup)
            self.process = process
            read = {
                process.application.log.flush()
                return try project.read("log/test-development.log")
            }
        }

        func messages() throws -> [String] {
            try read().split(separator: "\n").compactMap { try JSON(parsing: String($0))["message"]?.stringValue }
        }
    }

    @Test("writes nothing when it is made, and what operators should know when it is told to")
    func announcements() throws {
        let log = try LoggedProcess(WebProcess.setup([]))
        let line =
            "creating routes automatically for all actions responding to HEAD, GET, POST, PUT, PATCH, DELETE HTTP verbs"
        let plans = try ServerPlans(log.process.application)
        #expect(try !log.messages().contains(line))
        plans.announce(log.process.application.log)
        #expect(try log.messages().count { $0 == line } == 1)
        #expect(try log.messages().contains("static files will be served from these directories"))
    }

    @Test("gets the socket that has its name; a server that is switched off is none")
    func sockets() async throws {
        let log = try LoggedProcess(WebProcess.setup([]))
        let (application, processor) = (log.process.application, log.process.processor)
        let plan = OtherPlan()
        let plans = ServerPlans([try WebServerPlan(application), plan, OtherPlan("off", isEnabled: false)])
        #expect(plans.listeners.map(\.name) == ["web", "other"])
        #expect(plans["off"] == nil)
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        let descriptor = try socket.duplicate()
        let loop = ProcessLoop(application)
        let make = plans.factory(on: loop, inherited: ["web": descriptor, "other": 77, "third": 78])
        let servers = try await make(application, processor)
        #expect(servers.map(\.name) == ["web", "other"])
        #expect(servers.flatMap(\.listeningDescriptors).map(\.descriptor) == [descriptor, 77])
        for server in servers {
            await server.stop(keepsSocket: false, DrainLimits())
            await server.shutDown()
        }
        await loop.shutDown()
        socket.close()
    }

    @Test("when one cannot be bound, those before it leave nothing behind")
    func failure() async throws {
        let log = try LoggedProcess(WebProcess.setup([]))
        let good = OtherPlan()
        let loop = ProcessLoop(log.process.application)
        let make = ServerPlans([good, OtherPlan("broken", isBroken: true)]).factory(on: loop, inherited: [:])
        await #expect(throws: OtherPlan.Broken.self) {
            _ = try await make(log.process.application, log.process.processor)
        }
        #expect(good.made.withLock { $0 }?.all == ["stop", "shutDown"])
        await loop.shutDown()
    }
}
