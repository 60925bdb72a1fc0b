// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("compression")
struct CompressionTests {
    private func serve(
        compression: JSON = [:], files: [String: String] = [:], _ body: (WebProcess) async throws -> Void
    ) async throws {
        var setup = WebProcess.setup(
            [Sized.self, Noise.self, Pieces.self], web: ["compress": true, "compression": compression])
        setup.files = files
        setup.environment = "production"
        try await WebProcess.serve(setup, body)
    }

    private func get(
        _ web: WebProcess, _ target: String, _ encoding: String = "gzip", method: String = "GET"
    ) async throws -> HTTPResponse {
        try await web.request(target, method: method, headers: [("Accept-Encoding", encoding)])
    }

    @Test(
        "is undone by curl, whichever encoding and version of HTTP it takes", arguments: ["gzip", "deflate", "br"],
        [1000, 20_000, 3_000_000])
    func curl(_ encoding: String, _ count: Int) async throws {
        try await serve { web in
            let target = "/api/sized?count=\(count)"
            let packed = try await get(web, target, encoding)
            #expect(packed["content-encoding"] == encoding)
            #expect(packed["vary"] == "Accept-Encoding")
            #expect(packed.body.count < count / 4)
            for version in ["--http1.1", "--http2-prior-knowledge"] {
                let curl = try await Program.run(
                    "curl",
                    [
                        "-s", version, "--compressed", "-H", "Accept-Encoding: \(encoding)",
                        "http://127.0.0.1:\(web.port)\(target)",
                    ], directory: web.project.root)
                #expect(curl.code == 0, "\(version)")
                #expect(curl.output == "{\"text\":\"\(Sized.text(count))\"}", "\(version)")
            }
        }
    }

    @Test("is off until it is switched on, and then leaves nothing behind in responses")
    func off() async throws {
        try await WebProcess.serve([Sized.self]) { web in
            let response = try await get(web, "/api/sized?count=5000")
            #expect(response["content-encoding"] == nil && response["vary"] == nil)
            #expect(response.text.contains(Sized.text(5000)))
        }
    }

    @Test(
        "leaves alone what is small, what has no type that shrinks, what is packed already and what must not be changed",
        arguments: [
            "count=100", "count=5000&type=image/png&sent=true", "count=5000&header=Content-Encoding:zstd",
            "count=5000&header=Cache-Control:public,%20no-transform", "count=5000&header=Content-Range:bytes%201-2/3",
        ])
    func untouched(_ query: String) async throws {
        try await serve { web in
            let response = try await get(web, "/api/sized?\(query)")
            #expect(response["content-encoding"] == (query.contains("zstd") ? "zstd" : nil))
            #expect(response["vary"] == nil)
            #expect(response.text.contains(Sized.text(100)))
        }
    }

    @Test("is announced to caches also where this client does not want it")
    func varies() async throws {
        try await serve { web in
            for encoding in ["", "gzip;q=0", "identity", "sdch"] {
                let response = try await get(web, "/api/sized?count=5000", encoding)
                #expect(response["content-encoding"] == nil && response["vary"] == "Accept-Encoding")
            }
            let noise = try await get(web, "/api/noise")
            #expect(noise["content-encoding"] == nil && noise.body.count == 4096)
            #expect(noise["vary"] == "Accept-Encoding")
        }
    }

    @Test("joins what the response varies by already, and makes its tag a weak one")
    func merged() async throws {
        try await serve { web in
            for (existing, expected) in [
                ("Origin", "Origin, Accept-Encoding"), ("*", "*"),
                ("accept-encoding,%20Origin", "accept-encoding, Origin"),
            ] {
                let response = try await get(web, "/api/sized?count=5000&header=Vary:\(existing)")
                #expect(response["content-encoding"] == "gzip")
                #expect(response["vary"] == expected)
            }
            #expect(try await get(web, "/api/sized?count=5000&header=ETag:%22a%22")["etag"] == "W/\"a\"")
            #expect(try await get(web, "/api/sized?count=5000&header=ETag:W/%22a%22")["etag"] == "W/\"a\"")
            #expect(try await get(web, "/api/sized?count=100&header=ETag:%22a%22")["etag"] == "\"a\"")
        }
    }

    @Test("is the same for an answer of send(), and for HEAD what it is for GET")
    func head() async throws {
        try await serve { web in
            for query in ["count=5000", "count=5000&type=text/plain&sent=true"] {
                let get = try await get(web, "/api/sized?\(query)")
                #expect(try get.unpackedText.contains(Sized.text(5000)))
                #expect(get["content-length"] == String(get.body.count))
                let head = try await self.get(web, "/api/sized?\(query)", method: "HEAD")
                #expect(head["content-encoding"] == "gzip" && head["vary"] == get["vary"])
                #expect(head["content-length"] == nil && head.body.isEmpty)
            }
            #expect(try await get(web, "/api/sized?count=10", method: "HEAD")["content-encoding"] == nil)
        }
    }

    @Test("lets the client have each piece of a stream at once")
    func stream() async throws {
        try await serve { web in
            let connection = try web.connect()
            try await connection.send(
                "GET /api/pieces?gate=packed.pieces HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n"
                    + "Connection: close\r\n\r\n")
            var bytes: [UInt8] = []
            while true {
                bytes += try await connection.read(atLeast: 1)
                guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)),
                    let line = bytes[end.upperBound...].firstRange(of: [13, 10])
                else { continue }
                let piece = Array(bytes[line.upperBound...].dropLast(2))
                if String(decoding: try Unpacking.unpack(piece).bytes, as: UTF8.self) == "first piece\n" { break }
            }
            // Only now does the second piece come into being.
            Gates.named("packed.pieces").signal()
            bytes += try await connection.readToEnd()
            let response = try #require(try HTTPResponse.all(bytes).first)
            #expect(response["content-encoding"] == "gzip" && response["transfer-encoding"] == "chunked")
            let (text, isWhole) = try Unpacking.unpack(response.body)
            #expect(String(decoding: text, as: UTF8.self) == "first piece\nsecond piece\n" && isWhole)
        }
    }

    @Test("takes so many at a time; others get theirs as they are")
    func concurrent() async throws {
        try await serve(compression: ["concurrent": 1]) { web in
            let first = try web.connect()
            let question = "GET /api/pieces?gate=packed.many HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"
            try await first.send(question)
            _ = try await first.read(atLeast: 1)
            let large = try await get(web, "/api/sized?count=500000")
            #expect(large["content-encoding"] == nil && large["vary"] == "Accept-Encoding")
            // Small ones are packed at once and need no place.
            #expect(try await get(web, "/api/sized?count=5000")["content-encoding"] == "gzip")
            Gates.named("packed.many").signal()
            _ = try await first.readToEndOfChunks()
            var again = try await get(web, "/api/sized?count=500000")
            // The place is free when the stream's task has ended, which is a moment after its last byte.
            while again["content-encoding"] == nil { again = try await get(web, "/api/sized?count=500000") }
            #expect(try again.unpackedText.contains(Sized.text(500_000)))
        }
    }

    @Test("does not outlive a client that leaves")
    func leaving() async throws {
        try await serve { web in
            for _ in 0..<20 {
                let connection = try web.connect()
                try await connection.send(
                    "GET /api/sized?count=900000 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
            }
            #expect(try await get(web, "/api/sized?count=900000")["content-encoding"] == "gzip")
        }
    }

    @Test("keeps responses of one connection in their order, though some are packed elsewhere")
    func pipelined() async throws {
        try await serve { web in
            let requests = [900_000, 10, 40_000, 5000].map {
                "GET /api/sized?count=\($0) HTTP/1.1\r\nHost: a\r\nAccept-Encoding: deflate\r\n"
            }
            let responses = try await web.raw(
                requests.joined(separator: "\r\n") + "Connection: close\r\n\r\n")
            #expect(responses.map { $0["content-encoding"] } == ["deflate", nil, "deflate", "deflate"])
            #expect(try responses[0].unpackedText.utf8.count == 900_011)
            #expect(try responses[3].unpackedText.utf8.count == 5011)
        }
    }

    @Test(
        "shares its line with what is said of other sites",
        arguments: [
            ("/api/sized?count=5000", "Accept-Encoding, Origin"),
            ("/api/sized?count=5000&header=Vary:Cookie", "Cookie, Accept-Encoding, Origin"),
            ("/api/sized?count=5000&header=Vary:origin", "origin, Accept-Encoding"),
            ("/api/sized?count=5000&header=Vary:*", "*"), ("/x.txt", "Accept-Encoding, Origin"),
        ])
    func varies(target: String, expected: String) async throws {
        var setup = WebProcess.setup(
            [Sized.self], web: ["compress": true, "cors": ["origins": ["https://a.org"]]])
        setup.files = ["public/x.txt": String(repeating: "x", count: 5000)]
        try await WebProcess.serve(setup) { web in
            let response = try await get(web, target)
            #expect(response.headers.filter { $0.name.lowercased() == "vary" }.map(\.value) == [expected])
        }
    }

    @Test("a configured Vary is the one that names the header Origin")
    func configuredVary() async throws {
        let web: JSON = ["cors": ["origins": ["https://a.org"]], "httpHeaders": ["Vary": "Cookie"]]
        try await WebProcess.serve([Sized.self], web: web) { web in
            for (target, expected) in [("", "Cookie, Origin"), ("&header=Vary:Accept", "Accept, Origin")] {
                let response = try await get(web, "/api/sized?count=10\(target)")
                #expect(response.headers.filter { $0.name.lowercased() == "vary" }.map(\.value) == [expected])
            }
        }
    }
}

extension HTTPConnection {
    /// Reads to the end of a response in chunks.
    fileprivate func readToEndOfChunks() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while !bytes.ends(with: Array("0\r\n\r\n".utf8)) { bytes += try await read(atLeast: 1) }
        return bytes
    }
}

extension [UInt8] {
    fileprivate func ends(with end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
