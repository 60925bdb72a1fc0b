// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP2
import Testing

@testable import HeroServers

@Suite("parts of HTTP/2, without a connection")
struct HTTP2PartsTests {
    private let limits = HTTPRequestParser.Limits(
        requestLineBytes: 512, headerCount: 4, headerBytes: 512, bodyBytes: 100, pipelinedBytes: 1024)

    @Test("the preface is recognised whole, is possible in part, and is ruled out by the first other byte")
    func preface() {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        for count in 0..<preface.count {
            #expect(HTTP2Preface.match(ByteBuffer(bytes: preface.prefix(count))) == .possible)
            #expect(HTTP2Preface.match(ByteBuffer(bytes: preface.prefix(count) + [35])) == .none)
        }
        #expect(HTTP2Preface.match(ByteBuffer(string: "P")) == .possible)
        #expect(HTTP2Preface.match(ByteBuffer(bytes: preface + [35])) == .complete)
        for method in ["GET", "POST", "PATCH", "PROPFIND", "PRI"] {
            #expect(HTTP2Preface.match(ByteBuffer(string: "\(method) / HTTP/1.1\r\n")) == .none)
        }
    }

    @Test("once bodies are many, only the oldest may grow; when it ends, the next may")
    func budget() {
        var budget = HTTP2BodyBudget(bytes: 100)
        #expect(budget.set(60, 1).isEmpty && budget.set(30, 3).isEmpty)
        #expect(budget.mayReceive(1) && budget.mayReceive(3) && budget.mayReceive(5))
        #expect(budget.set(90, 3).isEmpty && budget.set(80, 5).isEmpty)
        #expect(budget.mayReceive(1) && !budget.mayReceive(3) && !budget.mayReceive(5) && !budget.mayReceive(7))
        #expect(budget.remove(1) == [3])
        #expect(budget.mayReceive(3) && !budget.mayReceive(5))
        #expect(budget.remove(3) == [5])
        #expect(budget.mayReceive(7))
        #expect(budget.remove(9).isEmpty && budget.remove(5).isEmpty)
    }

    @Test("a body that goes to the disk makes room for others")
    func shrinkingBody() {
        var budget = HTTP2BodyBudget(bytes: 100)
        #expect(budget.set(90, 1).isEmpty && budget.set(60, 3).isEmpty)
        #expect(!budget.mayReceive(3))
        #expect(budget.set(50, 1).isEmpty, "that is still too much")
        #expect(budget.set(20, 1) == [1, 3])
        #expect(budget.mayReceive(3))
    }

    private func read(_ headers: HPACKHeaders, hasBody: Bool = false) -> Result<HTTPRequestHead, HTTPFault>? {
        try? HTTP2RequestHead.read(headers, hasBody: hasBody, limits)
    }

    @Test("a head reads as one of HTTP/1.1 does")
    func head() throws {
        let head = try read(
            [
                ":method": "POST", ":scheme": "https", ":path": "/a/b?c=d", ":authority": "a.test:1", "cookie": "a=1",
                "content-length": "7",
            ], hasBody: true)?.get()
        #expect(head.map { $0.string($0.method) } == "POST" && head.map { $0.string($0.target) } == "/a/b?c=d")
        #expect(head?.value("host") == "a.test:1" && head?.framing.body == .length(7))
        #expect(head.map { RequestTarget($0) }.flatMap { target in head.map { $0.string(target.path) } } == "/a/b")
    }

    @Test(
        "two names of one host are one, and of two hosts none",
        arguments: [
            ("https", "a.test:443", true), ("http", "A.test:80", true), ("http", "a.test:", true),
            ("https", "a.test:80", false), ("http", "a.test:443", false), ("http", "b.test", false),
        ])
    func hosts(scheme: String, host: String, isSame: Bool) {
        let headers: HPACKHeaders = [
            ":method": "GET", ":scheme": scheme, ":path": "/", ":authority": "a.test", "host": host,
        ]
        #expect((read(headers) != nil) == isSame)
    }

    @Test("fields are counted as those of HTTP/1.1 are, cookies as one")
    func counts() {
        var headers: HPACKHeaders = [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a"]
        for _ in 0..<20 { headers.add(name: "cookie", value: "a=1") }
        for name in ["a", "b"] { headers.add(name: name, value: "1") }
        #expect((try? read(headers)?.get())?.fields.count == 4)
        headers.add(name: "c", value: "1")
        #expect(read(headers) == .failure(.tooManyHeaders))
    }
}

extension Result where Success == HTTPRequestHead, Failure == HTTPFault {
    fileprivate static func == (one: Self?, other: Self) -> Bool {
        guard case .failure(let fault)? = one, case .failure(let expected) = other else { return false }
        return fault == expected
    }
}
