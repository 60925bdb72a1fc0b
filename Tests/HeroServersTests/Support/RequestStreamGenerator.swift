// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport

/// Streams of requests, most of them damaged.
struct RequestStreamGenerator {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func stream() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0...random.next(below: 3) { bytes += request() }
        if random.next(below: 4) > 0 {
            for _ in 0...random.next(below: 3) { mutate(&bytes) }
        }
        return bytes
    }

    /// Cuts bytes into pieces, as a network does.
    mutating func cut(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let length = random.next(below: 3) == 0 ? 1 : 1 + random.next(below: bytes.count)
            let end = min(start + length, bytes.count)
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    private mutating func pick<T>(_ values: [T]) -> T { values[random.next(below: values.count)] }

    private mutating func request() -> [UInt8] {
        var text = random.next(below: 8) == 0 ? "\r\n" : ""
        text += pick(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"]) + " "
        text += pick(["/", "/api/status?a=b&c", "/a%20b", "http://h/x?y", "//a", "/?", "/#f"]) + " "
        text += pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"]) + "\r\n"
        text += pick(["Host: a\r\n", "Host: a\r\n", "host:a \r\n", "", "Host: a\r\nHost: b\r\n"])
        for _ in 0..<random.next(below: 3) { text += header() }
        let (field, body) = self.body()
        return Array((text + field + "\r\n" + body).utf8)
    }

    private mutating func header() -> String {
        pick([
            "X: y\r\n", "Connection: close\r\n", "Connection: keep-alive\r\n", "Content-Length: 3\r\n", "X:\t y \t\r\n",
            "Empty:\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Cookie: a=b; c=\"d\"\r\n",
            "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: +3\r\n", "Content-Length: 0\r\n",
            "X : y\r\n", "X: y\r\n z\r\n", "Expect: 100-continue\r\n", "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding:\u{B}chunked\r\n", "Content-Length: 3, 3\r\n", "Content_Length: 3\r\n",
        ])
    }

    private mutating func body() -> (field: String, body: String) {
        switch random.next(below: 4) {
        case 0:
            let content = pick(["abc", "GET / HTTP/1.1\r\nHost: smuggled\r\n\r\n", "\r\n", "0\r\n\r\n"])
            return ("Content-Length: \(content.utf8.count)\r\n", content)
        case 1: return ("Transfer-Encoding: chunked\r\n", chunks())
        default: return ("", "")
        }
    }

    private mutating func chunks() -> String {
        var text = ""
        for _ in 0..<random.next(below: 3) {
            let content = pick(["a", "0\r\n\r\n", "hello world, more than fifteen", "\r\n"])
            text +=
                pick(["", "", "0", "000"])
                + String(content.utf8.count, radix: 16, uppercase: random.next(below: 2) == 0)
            text += pick(["", "", "", "", ";a=b", " ", ";"]) + "\r\n" + content + "\r\n"
        }
        return text + "0\r\n" + pick(["", "", "Trailer: x\r\n"]) + "\r\n"
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let position = random.next(below: bytes.count)
        let special: [UInt8] = [
            0x0D, 0x0A, 0x20, 0x09, 0x00, 0x3A, 0x3B, 0x2C, 0x30, 0x31, 0x61, 0x80, 0xFF, 0x7F, 0x0B, 0x2F, 0x3F, 0x22,
        ]
        switch random.next(below: 5) {
        case 0: bytes[position] = pick(special)
        case 1: bytes.insert(pick(special), at: position)
        case 2: bytes.remove(at: position)
        case 3:
            let end = min(bytes.count, position + 1 + random.next(below: 24))
            bytes.insert(contentsOf: bytes[position..<end], at: random.next(below: bytes.count))
        default: bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.next(below: 12)))
        }
    }
}
