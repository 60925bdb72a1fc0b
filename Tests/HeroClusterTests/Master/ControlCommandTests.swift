// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroCluster

@Suite("commands on the control socket")
struct ControlCommandTests {
    private static let all: [ControlCommand] = [
        .status, .reload(wait: true, force: false), .reload(wait: false, force: true), .rollback, .scale(0),
        .scale(128), .stop, .release("a@1"), .upgrade, .wait,
    ]

    @Test("each command comes out as it went in")
    func roundTrip() {
        for command in Self.all { #expect(ControlCommand(Array(command.json.description.utf8)) == command) }
    }

    @Test(
        "what is no command is refused",
        arguments: [
            "", "{", "null", "[]", "{}", #"{"command":"dance"}"#, #"{"command":7}"#, #"{"command":"scale"}"#,
            #"{"command":"scale","workers":-1}"#, #"{"command":"scale","workers":129}"#,
            #"{"command":"scale","workers":1.5}"#, #"{"command":"scale","workers":"2"}"#, #"{"command":"release"}"#,
            #"{"command":"release","action":3}"#,
        ])
    func refused(text: String) {
        #expect(ControlCommand(Array(text.utf8)) == nil)
    }

    @Test("members that are not known are ignored, missing ones are no")
    func lenient() {
        #expect(ControlCommand(Array(#"{"command":"reload","colour":1}"#.utf8)) == .reload(wait: false, force: false))
    }

    @Test("random changes of a command never do more than fail", arguments: 1...100)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for command in Self.all {
            var bytes = Array(command.json.description.utf8)
            for _ in 0...random.next(below: 3) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            if case .scale(let count) = ControlCommand(bytes) { #expect((0...128).contains(count)) }
        }
    }
}
