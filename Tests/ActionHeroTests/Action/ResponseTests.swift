// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Synchronization
import Testing

/// Remembers what the SDK hands to the host.
private final class RecordingHost: ResponseHost {
    struct State: Sendable {
        var status: Int?
        var data: JSON = [:]
        var calls: [String] = []
        var body: ResponseBody?
    }

    let state = Mutex(State())
    var status: Int? {
        get { state.withLock { $0.status } }
        set { state.withLock { $0.status = newValue } }
    }
    var data: JSON {
        get { state.withLock { $0.data } }
        set { state.withLock { $0.data = newValue } }
    }
    func addHeader(_ name: String, _ value: String) { state.withLock { $0.calls.append("add \(name): \(value)") } }
    func setHeader(_ name: String, _ value: String) { state.withLock { $0.calls.append("set \(name): \(value)") } }
    func leaveOut(_ cookie: Cookie) { state.withLock { $0.calls.append("leave out \(cookie.name)") } }
    func send(_ body: ResponseBody) { state.withLock { $0.body = body } }
}

@Suite("what actions do to their response")
struct ResponseTests {
    private let host = RecordingHost()
    private var response: Response { Response(host: host) }
    private var calls: [String] { host.state.withLock { $0.calls } }
    private var body: ResponseBody? { host.state.withLock { $0.body } }

    @Test("status and members can be read back and removed")
    func members() {
        response.status = 201
        #expect(host.status == 201)
        response.status = nil
        #expect(response.status == nil)
        response["a"] = 1
        response["b"] = [2]
        response["a"] = nil
        #expect(response.data == ["b": [2]])
        #expect(response["b"] == [2] && response["a"] == nil)
    }

    @Test("headers are handed on in order, and a cookie is a header with its attributes")
    func headers() {
        response.addHeader("X-A", "1")
        response.setHeader("X-B", "2")
        response.setCookie(Cookie("id", "abc"))
        var cookie = Cookie("id", "", maxAgeSeconds: 0)
        cookie.path = "/api"
        cookie.domain = "example.com"
        cookie.isSecure = true
        cookie.isHTTPOnly = false
        cookie.sameSite = .none
        response.setCookie(cookie)
        #expect(
            calls == [
                "add X-A: 1", "set X-B: 2", "add Set-Cookie: id=abc; Path=/; HttpOnly; SameSite=Lax",
                "add Set-Cookie: id=; Path=/api; Domain=example.com; Max-Age=0; Secure; SameSite=None",
            ])
    }

    @Test(
        "a cookie that would not arrive as it is, or would bring attributes of its own, is left out",
        arguments: [
            ("", "x", "/", nil), ("a b", "x", "/", nil), ("a=b", "x", "/", nil), ("a", "x; Domain=evil", "/", nil),
            ("a", "x\r\nSet-Cookie: b=1", "/", nil), ("a", "x y", "/", nil), ("a", "ü", "/", nil),
            ("a", "x", "/;Secure", nil),
            ("a", "x", "/", "a;b"), ("a", "x,y", "/", nil), ("ü", "x", "/", nil),
        ])
    func invalidCookies(_ name: String, _ value: String, _ path: String, _ domain: String?) {
        var cookie = Cookie(name, value)
        cookie.path = path
        cookie.domain = domain
        response.setCookie(cookie)
        #expect(calls == ["leave out \(name)"])
    }

    @Test("a redirect is a status and an address in which nothing can end the header")
    func redirect() throws {
        response.redirect(to: "/später?a=1&b=%20#x", status: 303)
        #expect(host.status == 303)
        #expect(body?.headers.first?.value == "/sp%C3%A4ter?a=1&b=%20#x" && body?.hasUsualHeaders == true)
        response.redirect(to: "/a\r\nSet-Cookie: b=1")
        #expect(body?.headers.first?.value == "/a%0D%0ASet-Cookie:%20b=1")
        #expect(host.status == 302)
    }

    @Test("bytes, text and files take the place of the output with just the headers given")
    func bodies() throws {
        response.send([1, 2], headers: ["Content-Type": "image/png", "X-A": "1"])
        guard case .bytes([1, 2])? = body?.content else { throw Unexpected() }
        #expect(body?.headers.map(\.name) == ["Content-Type", "X-A"])
        response.send("\u{E9}")
        guard case .bytes([0xC3, 0xA9])? = body?.content else { throw Unexpected() }
        #expect(body?.headers.isEmpty == true)
        response.send(file: "logo.png")
        guard case .file("logo.png")? = body?.content else { throw Unexpected() }
    }

    @Test("a stream is read chunk by chunk, and its error is passed on")
    func streams() async throws {
        struct Broken: Error {}
        response.send(stream: AsyncStream<[UInt8]>(unfolding: Counter(limit: 3).next), headers: ["A": "b"])
        let written = Written()
        try await stream().produce { written.add($0) }
        #expect(written.all == [[1], [2], [3]])
        response.send(
            stream: AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield([9])
                continuation.finish(throwing: Broken())
            })
        let further = Written()
        await #expect(throws: Broken.self) { try await stream().produce { further.add($0) } }
        #expect(further.all == [[9]])
        // When nothing more can be written, nothing more is read.
        response.send(stream: AsyncStream<[UInt8]>(unfolding: Counter(limit: .max).next))
        await #expect(throws: Broken.self) { try await stream().produce { _ in throw Broken() } }
    }

    private func stream() throws -> ByteStream {
        guard case .stream(let stream)? = body?.content else { throw Unexpected() }
        return stream
    }

    private struct Unexpected: Error {}

    private final class Written: Sendable {
        private let chunks = Mutex<[[UInt8]]>([])
        var all: [[UInt8]] { chunks.withLock { $0 } }
        func add(_ chunk: [UInt8]) { chunks.withLock { $0.append(chunk) } }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        private let limit: Int
        init(limit: Int) { self.limit = limit }

        @Sendable func next() -> [UInt8]? {
            count.withLock { count in
                count += 1
                return count > limit ? nil : [UInt8(truncatingIfNeeded: count)]
            }
        }
    }
}
