// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

private final class FixedConfiguration: ConfigurationHost {
    let environment = "staging"
    let values: JSON
    init(_ values: JSON) { self.values = values }

    func value(at key: String) -> JSON? {
        key.split(separator: ".").reduce(values as JSON?) { $0?[String($1)] }
    }
}

@Suite("an application's view of its configuration")
struct ConfigurationViewTests {
    private let configuration = Configuration(
        host: FixedConfiguration([
            "billing": ["retries": 3, "rate": "0.5", "name": "x", "live": "yes", "list": ["a"], "nothing": nil]
        ]))

    private func fault(_ read: () throws -> some Any) -> String? {
        do {
            _ = try read()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("values are read as the type that is wanted, text from the environment included")
    func reading() throws {
        struct Billing: Decodable { let retries: Int, rate: Double, live: Bool, list: [String] }
        #expect(configuration.environment == "staging")
        #expect(try configuration.int("billing.retries") == 3)
        #expect(try configuration.double("billing.rate") == 0.5)
        #expect(try configuration.string("billing.name") == "x")
        #expect(try configuration.string("billing.retries") == "3")
        #expect(try configuration.bool("billing.live"))
        #expect(configuration["billing.list"] == ["a"])
        #expect(configuration["billing.none"] == nil)
        #expect(try configuration.value("billing", Billing.self).rate == 0.5)
        #expect(try configuration.value("billing.list") as [String] == ["a"])
    }

    @Test("what is absent or of another kind is named with its key")
    func faults() {
        struct Billing: Decodable { let list: [Int] }
        #expect(fault { try configuration.int("billing.none") } == "configuration: billing.none is not configured")
        #expect(
            fault { try configuration.int("billing.name") } == "configuration: billing.name must be a whole number")
        #expect(
            fault { try configuration.value("billing", Billing.self) }
                == "configuration: billing list[0] must be a whole number")
    }
}

private final class Lines: LogHost {
    nonisolated(unsafe) private(set) var all: [String] = []
    func isEnabled(_ level: LogLevel) -> Bool { level <= .info }
    func write(level: LogLevel, message: String, data: [(name: String, value: JSON)]) {
        all.append(([level.name, message] + data.map { "\($0.name)=\($0.value)" }).joined(separator: " "))
    }
}

@Suite("an application's log")
struct LogTests {
    @Test("each level has its function, and data keeps its order and becomes JSON")
    func levels() {
        let lines = Lines()
        let log = Log(host: lines)
        log.emerg("a")
        log.alert("b")
        log.crit("c")
        log.error("d")
        log.warning("e")
        log.notice("f")
        log.info("g", ["z": 1, "a": ["x"], "n": Double.nan])
        log("h", level: .notice, ["k": true])
        #expect(
            lines.all == [
                "emerg a", "alert b", "crit c", "error d", "warning e", "notice f", #"info g z=1 a=["x"] n="nan""#,
                "notice h k=true",
            ])
    }

    @Test("a line that nobody wants costs nothing: neither message nor data are evaluated")
    func laziness() {
        func refuse() -> String {
            Issue.record("evaluated")
            return ""
        }
        let lines = Lines()
        Log(host: lines).debug(refuse(), ["a": refuse()])
        #expect(lines.all.isEmpty)
    }
}
