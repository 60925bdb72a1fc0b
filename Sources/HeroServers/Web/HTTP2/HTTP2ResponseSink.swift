// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroSystem
internal import NIOHPACK

/// The head of a response as HTTP/2 has it: names in small letters, nothing about the connection.
struct HTTP2ResponseSink: ResponseHeadSink {
    private(set) var headers = HPACKHeaders()

    init() { headers.reserveCapacity(16) }

    mutating func writeStatus(_ status: Int) { headers.add(name: ":status", value: String(status)) }

    mutating func writeUsualStart(_ usual: UsualHeaders) {
        writeStatus(200)
        writeUsual(usual)
    }

    mutating func writeUsual(_ usual: UsualHeaders) {
        for (name, value) in usual.fields { writeField(name, value) }
    }

    mutating func writeField(_ name: String, _ value: String) {
        let name = name.lowercased()
        switch name {
        // They speak of a connection, which carries other requests as well (RFC 9113, 8.2.2).
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": return
        // What nobody else may guess is kept out of the table that is shared by all requests.
        case "set-cookie", "authorization": headers.add(name: name, value: value, indexing: .neverIndexed)
        default: headers.add(name: name, value: value)
        }
    }

    mutating func writeCookie(_ cookie: SessionCookie, _ clock: LoopClock) {
        let name = "set-cookie: ".utf8.count
        var text = Array(cookie.prefix.dropFirst(name))
        text += Array(cookie.fingerprint.text.utf8)
        text += clock.attributes(of: cookie).dropLast(2)
        writeField("set-cookie", String(decoding: text, as: UTF8.self))
    }

    mutating func writeLength(_ length: Int, inCapitals: Bool) {
        headers.add(name: "content-length", value: String(length), indexing: .nonIndexable)
    }

    mutating func writeDateAndConnection(_ clock: LoopClock) { headers.add(name: "date", value: clock.dateText) }

    /// The end of the stream says it.
    mutating func writeUnknownLength() {}

    mutating func endHead() {}
}
