// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("services and sessions")
struct ServicesTests {
    private protocol Store: Sendable { var name: String { get } }
    private struct Disk: Store { let name: String }

    @Test("a service is found by the type and name under which it was provided")
    func finding() throws {
        let services = Services()
        services.provide(Disk(name: "a"))
        services.provide(Disk(name: "b"), named: "second")
        services.provide(Disk(name: "c"), as: (any Store).self)
        #expect(services.find(Disk.self)?.name == "a")
        #expect(try services.require(Disk.self, named: "second").name == "b")
        #expect(try services.require((any Store).self).name == "c")
        let inferred: Disk = try services.require()
        #expect(inferred.name == "a")
        services.provide(Disk(name: "d"))
        #expect(services.find(Disk.self)?.name == "d")
    }

    @Test("a service that nothing provides is named with what to do")
    func missing() {
        let services = Services()
        services.provide(1)
        #expect(services.find(Int.self, named: "x") == nil)
        #expect(services.find(String.self) == nil)
        #expect {
            try services.require(String.self)
        } throws: {
            "\($0)" == "no service of type Swift.String: provide it in an initializer"
        }
        #expect {
            try services.require(Int.self, named: "x")
        } throws: {
            "\($0)" == "no service of type Swift.Int named x: provide it in an initializer"
        }
    }

    @Test("a session holds values of any type by name")
    func session() {
        let session = Session()
        session["user"] = "ada"
        session["count"] = 3
        #expect(session["user"] == "ada")
        #expect((session["user"] as Int?) == nil)
        #expect((session["nobody"] as String?) == nil)
        session["user"] = nil as String?
        #expect((session["user"] as String?) == nil)
        #expect(session["count"] == 3)
    }

    @Test("services and sessions can be used from many tasks at once")
    func concurrency() async {
        let (services, session) = (Services(), Session())
        let names = (0..<100).map(String.init)
        await withTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    services.provide(name, named: name)
                    session[name] = name
                }
            }
        }
        #expect(names.allSatisfy { services.find(String.self, named: $0) == $0 && session[$0] == $0 })
    }
}
