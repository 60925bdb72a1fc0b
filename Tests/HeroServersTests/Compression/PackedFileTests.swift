// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("compression of public files")
struct PackedFileTests {
    private let files = [
        "public/small.txt": Sized.text(3000), "public/large.txt": Sized.text(400_000), "public/tiny.txt": "tiny",
        "public/picture.png": Sized.text(3000), "public/middle.txt": Sized.text(60_000),
    ]

    private func serve(_ body: (WebProcess) async throws -> Void) async throws {
        try await WebProcess.serve(
            WebProcess.Setup(web: ["compress": true], environment: "production", files: files), body)
    }

    private func get(
        _ web: WebProcess, _ path: String, _ headers: [(String, String)] = [], method: String = "GET"
    ) async throws -> HTTPResponse {
        try await web.request(path, method: method, headers: headers + [("Accept-Encoding", "gzip")])
    }

    @Test(
        "they are packed whole or while they are read, and ranges are not offered",
        arguments: ["small", "middle", "large"])
    func packed(_ name: String) async throws {
        try await serve { web in
            let plain = try await web.request("/\(name).txt")
            #expect(plain["accept-ranges"] == "bytes" && plain["vary"] == "Accept-Encoding")
            let response = try await get(web, "/\(name).txt")
            #expect(response["content-encoding"] == "gzip" && response["vary"] == "Accept-Encoding")
            #expect(response["accept-ranges"] == nil)
            #expect(response["etag"] == plain["etag"] && response["last-modified"] == plain["last-modified"])
            #expect(try response.unpackedText == files["public/\(name).txt"])
            #expect((response["transfer-encoding"] == "chunked") == (name == "large"))
            let head = try await get(web, "/\(name).txt", method: "HEAD")
            #expect(head["content-encoding"] == "gzip" && head["content-length"] == nil && head["accept-ranges"] == nil)
        }
    }

    @Test("pictures, small files and ranges are sent as they are")
    func untouched() async throws {
        try await serve { web in
            #expect(try await get(web, "/tiny.txt")["content-encoding"] == nil)
            #expect(try await get(web, "/picture.png")["content-encoding"] == nil)
            let part = try await get(web, "/large.txt", [("Range", "bytes=0-9999")])
            #expect(part.status == 206 && part["content-encoding"] == nil && part.body.count == 10_000)
        }
    }

    @Test("a client that has the packed file is told that it is still the same")
    func revalidated() async throws {
        try await serve { web in
            let tag = try #require(try await get(web, "/small.txt")["etag"])
            let again = try await get(web, "/small.txt", [("If-None-Match", tag)])
            #expect(again.status == 304 && again["vary"] == "Accept-Encoding" && again["content-encoding"] == nil)
        }
    }

    @Test("HTTP/1.0 gets a packed file that ends with the connection")
    func oldVersion() async throws {
        try await serve { web in
            let connection = try web.connect()
            try await connection.send("GET /large.txt HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n")
            let response = try #require(try HTTPResponse.all(try await connection.readToEnd()).first)
            #expect(response["transfer-encoding"] == nil)
            #expect(try response.unpackedText == files["public/large.txt"])
        }
    }
}
