// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroCluster

@Suite("systemd")
struct SystemdTests {
    @Test("each state is one datagram in the form of sd_notify", arguments: [false, true])
    func states(isAbstract: Bool) throws {
        let inbox = try Inbox(isAbstract: isAbstract)
        let systemd = Systemd(environment: ["NOTIFY_SOCKET": inbox.name])
        systemd.notify(.ready("2 of 2 workers serve generation 1"))
        #expect(inbox.next() == "READY=1\nSTATUS=2 of 2 workers serve generation 1")
        systemd.notify(.reloading("checking"))
        let reloading = inbox.next().split(separator: "\n").map(String.init)
        #expect(reloading.first == "RELOADING=1" && reloading.last == "STATUS=checking")
        #expect(reloading.contains { $0.hasPrefix("MONOTONIC_USEC=") && Int($0.dropFirst(15)) != nil })
        systemd.notify(.status("one\ntwo"))
        #expect(inbox.next() == "STATUS=one two", "one line, whatever the text is")
        systemd.notify(.stopping)
        #expect(inbox.next() == "STOPPING=1\nSTATUS=stopping")
        systemd.keepAlive()
        #expect(inbox.next() == "WATCHDOG=1")
    }

    @Test("without systemd nothing is sent, and a socket that is gone does no harm: the next one is heard")
    func nobodyThere() throws {
        let inbox = try Inbox(isAbstract: true)
        for name in [nil, "", "/nonexistent/notify", String(repeating: "x", count: 300)] as [String?] {
            let systemd = Systemd(environment: name.map { ["NOTIFY_SOCKET": $0] } ?? [:])
            systemd.notify(.ready("x"))
            systemd.keepAlive()
            #expect(inbox.next() == "")
        }
        Systemd(environment: ["NOTIFY_SOCKET": inbox.name]).keepAlive()
        #expect(inbox.next() == "WATCHDOG=1")
    }

    @Test("the watchdog is fed at half its interval, if it is this process's")
    func watchdog() {
        let own = String(getpid())
        #expect(Systemd(environment: ["WATCHDOG_USEC": "30000000"]).watchdogInterval == 15_000)
        #expect(Systemd(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": own]).watchdogInterval == 15_000)
        #expect(Systemd(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]).watchdogInterval == nil)
        #expect(Systemd(environment: ["WATCHDOG_USEC": "soon"]).watchdogInterval == nil)
        #expect(Systemd(environment: [:]).watchdogInterval == nil)
    }

    @Test("sockets that were handed over to another process are not taken")
    func notOurs() {
        #expect(Systemd.activatedSockets(environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"]).isEmpty)
        let own = String(getpid())
        for count in ["0", "-1", "65", "many"] {
            #expect(Systemd.activatedSockets(environment: ["LISTEN_PID": own, "LISTEN_FDS": count]).isEmpty)
        }
    }
}

/// A socket such as systemd has.
private final class Inbox {
    let name: String
    private let descriptor: Int32
    private let path: String?

    init(isAbstract: Bool) throws {
        let unique = UUID().uuidString.prefix(8)
        path = isAbstract ? nil : "\(NSTemporaryDirectory())/notify-\(unique)"
        name = path ?? "@hero-notify-\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let address = try #require(UnixAddress(name))
        try #require(address.with { bind(descriptor, $0, $1) } == 0)
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    func next() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }
}
