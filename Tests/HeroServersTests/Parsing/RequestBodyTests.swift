// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroServers

@Suite("the body of a request")
struct RequestBodyTests {
    private static func parse(_ headers: String, _ body: String) -> ParsedStream {
        ParsedStream("POST / HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\(body)")
    }

    private static func chunked(_ body: String) -> ParsedStream { parse("Transfer-Encoding: chunked\r\n", body) }

    @Test("ends where Content-Length says; what follows is the next request")
    func length() {
        let parsed = Self.parse("Content-Length: 3\r\n", "abcGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(parsed.requests.map(\.body) == [Array("abc".utf8), []])
        #expect(Self.parse("Content-Length: 0\r\n", "").requests.count == 1)
        #expect(Self.parse("Content-Length: 007\r\n", "abcdefg").requests.count == 1)
        #expect(Self.parse("Content-Length: 5\r\n", "abc").isInsideRequest)
    }

    @Test(
        "is refused with 400 when its length is no number",
        arguments: ["", "+1", "-1", "1,1", "1 1", "0x1", "1.0", "a", "1234567890123456789"])
    func badLength(value: String) {
        #expect(
            Self.parse("Content-Length: \(value)\r\n", "").fault == .badRequest("the Content-Length is not a number"))
    }

    @Test("is refused with 400 when two headers say how long it is")
    func conflicts() {
        let twice = HTTPFault.badRequest("there is more than one header Content-Length")
        #expect(Self.parse("Content-Length: 1\r\nContent-Length: 2\r\n", "a").fault == twice)
        #expect(Self.parse("Content-Length: 1\r\ncontent-length: 1\r\n", "a").fault == twice)
        let both = HTTPFault.badRequest("both Content-Length and Transfer-Encoding are given")
        #expect(Self.parse("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "").fault == both)
        #expect(Self.parse("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "").fault == both)
    }

    @Test(
        "is refused with 400 when it has another coding than chunked",
        arguments: [
            "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "", "chunked;q=1", "xchunked",
        ])
    func codings(value: String) {
        let fault = Self.parse("Transfer-Encoding: \(value)\r\n", "0\r\n\r\n").fault
        #expect(fault == .badRequest("the only Transfer-Encoding that is understood is 'chunked', alone"))
    }

    @Test("is refused with 400 when Transfer-Encoding stands there twice, or in HTTP/1.0")
    func codingTwice() {
        #expect(Self.parse("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "").fault?.status == 400)
        let old = ParsedStream("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        #expect(old.fault == .badRequest("HTTP/1.0 has no Transfer-Encoding"))
    }

    @Test(
        "may come in chunks of any size, with sizes in any digits",
        arguments: [
            ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"),
            ("0000000000000005\r\nhello\r\n000\r\n\r\n", "hello"), ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
            ("1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "a"),
            ("1;ext=1\r\na\r\n0;last\r\n\r\n", "a"), ("1;a;b=\"x;\\\"=y\";c=\r\na\r\n0\r\n\r\n", "a"),
            ("1 ; a = b\t;c\r\na\r\n0 ;last\r\n\r\n", "a"), ("1;a =\"b\" ;c= d\r\na\r\n0\r\n\r\n", "a"),
        ])
    func chunks(body: String, content: String) {
        let parsed = Self.chunked(body)
        #expect(parsed.requests.map(\.body) == [Array(content.utf8)])
        #expect(!parsed.isInsideRequest && parsed.fault == nil)
    }

    @Test("drops trailers: they do not become headers")
    func trailers() {
        #expect(Self.chunked("0\r\nHost: evil\r\n\r\n").requests.first?.headers.count == 2)
    }

    @Test(
        "is refused with 400 when its chunks are malformed",
        arguments: [
            "\r\n", "g\r\n", "-1\r\n", "+1\r\na\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "0x1\r\na\r\n", "1;a\rb\r\na\r\n",
            "1;\r\na\r\n", "1;a=b;\r\na\r\n", "1;=b\r\na\r\n", "1;a=\"b\r\na\r\n", "1;a=\"b\"c\r\na\r\n",
            "1;a b\r\na\r\n", "1;a=\"\u{0}\"\r\na\r\n", "00000000000000001\r\na\r\n", "1\na\r\n", "1\r\nab\r\n",
            "1\r\na\n0\r\n\r\n",
            "1\r\na0\r\n\r\n",
            "0\r\nbad trailer\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\nX: \u{0}\r\n\r\n",
            "0\r\nX: y\n\r\n", "0\r\n folded\r\n\r\n",
        ])
    func badChunks(body: String) {
        #expect(Self.chunked(body).fault?.status == 400)
    }

    @Test("is refused with 400 when the extensions of its chunks are longer than anybody needs, each or together")
    func longExtensions() {
        let text = String(repeating: "x", count: 200)
        #expect(Self.chunked("1;\(text)\r\na\r\n0\r\n\r\n").requests.count == 1)
        #expect(Self.chunked("1;\(text)\(text)\r\na\r\n0\r\n\r\n").fault?.status == 400)
        let many = String(repeating: "1;\(text)\r\na\r\n", count: 100)
        #expect(
            Self.chunked(many + "0\r\n\r\n").fault == .badRequest("the extensions of the chunks are too long"))
    }

    @Test("is refused with 413 when its chunks add up to more than the limit")
    func chunkLimit() {
        let limits = HTTPRequestParser.Limits(
            requestLineBytes: 512, headerCount: 3, headerBytes: 100, bodyBytes: 10, pipelinedBytes: 1024)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let fits = ParsedStream("\(head)5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", limits: limits)
        #expect(fits.requests.first?.body.count == 10)
        for second in ["6", "7fffffffffffffff", "7ffffffffffffff6", "fffffffffffffff"] {
            let parsed = ParsedStream("\(head)5\r\nhello\r\n\(second)\r\nworld!", limits: limits)
            #expect(parsed.fault == .bodyTooLarge, "a chunk of \(second) bytes")
        }
        for size in ["8000000000000000", "ffffffffffffffff"] {
            #expect(ParsedStream("\(head)\(size)\r\nworld!", limits: limits).fault != nil)
        }
    }

    @Test("is refused with 431 when its trailers are too many or too large")
    func trailerLimits() {
        let limits = HTTPRequestParser.Limits(
            requestLineBytes: 512, headerCount: 3, headerBytes: 100, bodyBytes: 10, pipelinedBytes: 1024)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let four = String(repeating: "A: b\r\n", count: 4)
        #expect(ParsedStream("\(head)\(four)\r\n", limits: limits).fault == .tooManyHeaders)
        let large = "A: \(String(repeating: "b", count: 60))\r\n"
        #expect(ParsedStream("\(head)\(large)\(large)\r\n", limits: limits).fault == .headersTooLarge)
        #expect(ParsedStream(head + String(repeating: "b", count: 200), limits: limits).fault?.status == 400)
    }

    @Test("any other expectation than 100-continue is refused with 417")
    func expectation() {
        let fault = Self.parse("Expect: 200-ok\r\n", "").fault
        #expect(fault == HTTPFault(status: 417, reason: "the only expectation that is understood is '100-continue'"))
        #expect(Self.parse("Expect: 100-Continue\r\nContent-Length: 1\r\n", "a").requests.count == 1)
    }
}
