// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import NIOCore

/// Answers each line with itself; some lines are orders.
struct EchoProtocol: UpgradeProtocol {
    let token = "echo"

    func isMeant(by request: UpgradeRequest) -> Bool { request.request.path == "/echo" }

    /// The query names the gates that tell what has become of the session; `refused` is for one that is not to be.
    func answer(_ request: UpgradeRequest) -> UpgradeAnswer {
        let query = request.request.queryString
        if query == "refused" {
            return .refused(status: 426, reason: "not like this", headers: [("upgrade", "echo/2")])
        }
        let address = "\(request.connection.remoteIP) \(request.isExtendedConnect)"
        return .accepted(headers: [("x-echo", address)], EchoSession(gate: query))
    }
}

final class EchoSession: UpgradedSession {
    private let gate: String
    private var transport: (any UpgradedTransport)?
    private var connection: EchoConnection?
    private var line = ""
    private var seconds = 0

    init(gate: String) { self.gate = gate }

    func opened(_ transport: any UpgradedTransport) {
        self.transport = transport
        let connection = EchoConnection("echo-\(gate)", NIOLoopBound(self, eventLoop: transport.eventLoop))
        self.connection = connection
        transport.registry.add(connection)
    }

    func received(_ bytes: ByteBuffer) {
        line += String(buffer: bytes)
        while let end = line.firstIndex(of: "\n") {
            let text = String(line[..<end])
            line.removeSubrange(...end)
            take(text)
        }
    }

    private func take(_ text: String) {
        switch text {
        case "bye":
            say(text)
            transport?.end()
        case "cut": transport?.abort()
        case "pause": transport?.isReadingPaused = true
        case "flood":
            while transport?.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)) == true {}
        default: say(text)
        }
    }

    func say(_ text: String) { _ = transport?.write(ByteBuffer(string: text + "\n")) }

    func inputEnded() {
        say("end")
        transport?.end()
    }

    func canWrite() { say("room") }

    func sweep(_ now: NIODeadline) {
        seconds += 1
        if seconds == 10, transport?.isReadingPaused == true { transport?.isReadingPaused = false }
    }

    func stopBegan() {
        say("stopping")
        transport?.end()
    }

    func end() { transport?.end() }

    func closed() {
        if let connection { transport?.registry.remove(connection) }
        transport = nil
        connection = nil
        Gates.named(gate).signal()
    }
}

/// The session as actions and other processes see it.
final class EchoConnection: ConnectionHost {
    let id: String
    let type = "echo"
    let remoteIP = "0"
    let remotePort = 0
    let connectedAtMilliseconds = 0
    let session = Session()
    let isDestroyed = false
    let values = JSON.Object()
    private let echo: NIOLoopBound<EchoSession>

    init(_ id: String, _ echo: NIOLoopBound<EchoSession>) { (self.id, self.echo) = (id, echo) }

    var fingerprint: String { id }
    var requestHost: (any RequestHost)? { nil }
    func set(_ name: String, _ value: JSON) {}
    func send(_ message: JSON) async throws {
        echo.eventLoop.execute { self.echo.value.say(message.description) }
    }
    func destroy() async { echo.eventLoop.execute { self.echo.value.end() } }
}
