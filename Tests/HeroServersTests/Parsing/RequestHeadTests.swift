// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroServers

@Suite("the head of a request")
struct RequestHeadTests {
    private static func outcome(_ text: String) -> HTTPFault? { ParsedStream(text).fault }

    private static let streams = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET /a?b=c HTTP/1.1\r\nHost: a\r\nX: \t y z \t\r\nEmpty:\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.0\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00a\r\n0123456789\r\n0\r\nT: v\r\n\r\n"
            + "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /bad HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
    ]

    @Test("is read the same, wherever the stream was cut", arguments: streams)
    func splits(stream: String) {
        let bytes = Array(stream.utf8)
        let whole = ParsedStream(bytes)
        #expect(!whole.requests.isEmpty || whole.fault != nil)
        for position in bytes.indices {
            #expect(ParsedStream([bytes[..<position], bytes[position...]]) == whole, "cut at \(position)")
        }
        #expect(ParsedStream(bytes.indices.map { bytes[$0..<($0 + 1)] }) == whole, "byte by byte")
    }

    @Test(
        "is refused at once when no request begins like that, as TLS does",
        arguments: ["\u{16}\u{3}\u{1}", "\r\n\u{16}", " ", "\u{0}", "\"", "{"])
    func otherProtocols(start: String) {
        #expect(Self.outcome(start) == .badRequest("the method is malformed"))
    }

    @Test("has its parts without the blanks around them")
    func parts() {
        let request = ParsedStream(Self.streams[1]).requests.first
        #expect(request?.method == "GET")
        #expect(request?.target == "/a?b=c")
        #expect(request?.headers == ["Host: a", "X: y z", "Empty: "])
    }

    @Test(
        "is refused with 400 when the request line is malformed",
        arguments: [
            "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET /", "GET", "GET / ", "GET / HTTP/1.1 ", "GET / HTTP/1",
            "GET / HTTP/11", "GET / http/1.1", "GET / HTTP/1,1", "G\u{E9}T / HTTP/1.1", "G:T / HTTP/1.1",
            "GET /a b HTTP/1.1", "GET\t/\tHTTP/1.1", "GET /\u{7F} HTTP/1.1", "GET /\u{0} HTTP/1.1",
            "GET /\r/ HTTP/1.1",
        ])
    func requestLine(line: String) {
        #expect(Self.outcome(line + "\r\nHost: a\r\n\r\n")?.status == 400)
    }

    @Test(
        "is refused with 400 when the target is neither a path nor a URL of this protocol",
        arguments: [
            "api/status", "host:443", "?a=b", "x?u=http://h/api/status", "ftp://h/a", "://h/a", "*", "#a", "http://",
            "http:///a", "http://u@h/a",
            "http://h\u{E9}/",
        ])
    func target(target: String) {
        #expect(
            Self.outcome("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n") == .badRequest("the request target is malformed"))
    }

    @Test(
        "may name its target in each form that servers have to understand",
        arguments: ["GET /a", "GET http://h/a", "GET HTTPS://h:1/a?b", "GET http://h", "OPTIONS *", "GET //a"])
    func goodTarget(start: String) {
        #expect(Self.outcome("\(start) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
    }

    @Test(
        "is refused with 400 when its host could not be one",
        arguments: [
            "a b", "u@h", "a/b", "a\\b", "<a>", "a\"", "a#b", "h\u{E9}", "a?b", "a\tb",
            "[", "]", "[]", "[::1", "::1", "[::1]x", "[g]", "a:x", "a:80:80", ":80", "a[b]", "a:-1", "[::1]:x",
        ])
    func badHost(host: String) {
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == .badRequest("the header Host is malformed"))
    }

    @Test(
        "may be for any host",
        arguments: [
            "", "a_b.example:8080", "[::1]:80", "[::ffff:1.2.3.4]", "a:", "xn--bcher-kva.example", "%C3%A9.x",
            "1.2.3.4",
        ])
    func goodHost(host: String) {
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == nil)
    }

    @Test("is refused with 505 when it speaks another version", arguments: ["2.0", "1.2", "0.9", "3.0"])
    func version(version: String) {
        let fault = Self.outcome("GET / HTTP/\(version)\r\nHost: a\r\n\r\n")
        #expect(fault == HTTPFault(status: 505, reason: "only HTTP/1.0 and HTTP/1.1 are spoken here"))
    }

    @Test(
        "is refused with 400 when a header is malformed",
        arguments: [
            "X : y", ": y", "X", " X: y", "X\u{0}: y", "X y: z", "X(: y", "X: a\u{0}b", "X: a\u{1}b", "X: a\u{7F}b",
            "X: a\rb", "X: y\r\n folded", "X: y\r\n\tfolded", "Hôte: a", "[X]: y", "\"X\": y",
        ])
    func header(header: String) {
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n")?.status == 400)
    }

    @Test(
        "is refused with 400 when a line ends with a bare line feed",
        arguments: [
            "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ])
    func lineFeed(text: String) {
        #expect(Self.outcome(text) == .badRequest("a line does not end with CR LF"))
    }

    @Test("needs one Host, which HTTP/1.0 may leave out")
    func host() {
        #expect(Self.outcome("GET / HTTP/1.1\r\n\r\n") == .badRequest("the header Host is missing"))
        #expect(
            Self.outcome("GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n")
                == .badRequest("there is more than one header Host"))
        #expect(Self.outcome("GET / HTTP/1.0\r\n\r\n") == nil)
        #expect(Self.outcome("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")?.status == 400)
    }

    @Test("may carry bytes that are no UTF-8 in its target and header values")
    func invalidUTF8() {
        let bytes = Array("GET /".utf8) + [0xFF, 0xC3] + Array(" HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0x80, 0xFE]
        let parsed = ParsedStream(bytes + Array("\r\n\r\n".utf8))
        #expect(parsed.requests.first?.target == "/\u{FFFD}\u{FFFD}")
        #expect(parsed.requests.first?.headers.last == "X: \u{FFFD}\u{FFFD}")
    }

    @Test(
        "keeps the connection as its version and its header Connection say",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close", false), ("1.1", "Connection: x , CLOSE", false),
            ("1.1", "Connection: closed", true), ("1.0", "", false), ("1.0", "Connection: Keep-Alive", true),
            ("1.0", "Connection: keep-alive, close", false),
            ("1.1", "Connection: keep-alive\r\nConnection: close", false),
        ])
    func connection(version: String, header: String, isKept: Bool) {
        let line = header.isEmpty ? "" : header + "\r\n"
        let parsed = ParsedStream("GET / HTTP/\(version)\r\nHost: a\r\n\(line)\r\n")
        #expect(parsed.requests.map(\.keepsAlive) == [isKept])
    }
}

@Suite("limits of a request's head")
struct RequestHeadLimitTests {
    private static let limits = HTTPRequestParser.Limits(
        requestLineBytes: 64, headerCount: 3, headerBytes: 100, bodyBytes: 10, pipelinedBytes: 1024)

    private func parse(_ text: String) -> ParsedStream { ParsedStream(text, limits: Self.limits) }

    @Test("a request line of exactly the limit is read, one byte more is refused with 414")
    func requestLine() {
        let rest = " HTTP/1.1\r\nHost: a\r\n\r\n"
        let path = "/" + String(repeating: "a", count: 64 - "GET / HTTP/1.1".count)
        #expect(parse("GET \(path)\(rest)").requests.count == 1)
        #expect(parse("GET \(path)a\(rest)").fault == .requestLineTooLong)
    }

    @Test("a request line without an end is refused with 414 as soon as it is too long")
    func endlessRequestLine() {
        #expect(parse(String(repeating: "A", count: 64)).fault == nil)
        #expect(parse(String(repeating: "A", count: 66)).fault == .requestLineTooLong)
    }

    @Test("one header more than the limit is refused with 431")
    func headerCount() {
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n").requests.count == 1)
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: f\r\n\r\n").fault == .tooManyHeaders)
    }

    @Test("headers of exactly the limit are read whatever the request line's length, one byte more is refused with 431")
    func headerSize() {
        for target in ["/", "/" + String(repeating: "a", count: 40)] {
            let start = "GET \(target) HTTP/1.1\r\n"
            let header = "Host: a\r\nX: "
            let value = String(repeating: "v", count: 100 - header.utf8.count - 2)
            #expect(parse("\(start)\(header)\(value)\r\n\r\n").requests.count == 1)
            #expect(parse("\(start)\(header)\(value)v\r\n\r\n").fault == .headersTooLarge)
        }
    }

    @Test("a header without an end is refused with 431 as soon as it is too long")
    func endlessHeader() {
        #expect(parse("GET / HTTP/1.1\r\nX: " + String(repeating: "v", count: 150)).fault == .headersTooLarge)
    }

    @Test("empty lines before a request are read, but not for ever")
    func emptyLines() {
        #expect(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").requests.count == 1)
        #expect(parse(String(repeating: "\r\n", count: 1000)).fault == .badRequest("empty lines instead of a request"))
        let pieces: [UInt8] = Array(repeatElement([13, 10], count: 1000).joined())
        #expect(ParsedStream(pieces.indices.map { pieces[$0..<($0 + 1)] }, limits: Self.limits).fault != nil)
    }

    @Test("a body of exactly the limit is read, one byte more is refused with 413 before it arrives")
    func bodySize() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        #expect(parse("\(head)10\r\n\r\n0123456789").requests.first?.body.count == 10)
        #expect(parse("\(head)11\r\n\r\n").fault == .bodyTooLarge)
        #expect(parse("\(head)999999999999999999\r\n\r\n").fault == .bodyTooLarge)
    }
}
