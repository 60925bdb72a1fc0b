// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroRuntime
import HeroSystem
import HeroTestSupport
import Testing

@testable import HeroServers

/// Sends the public file that it is asked for.
private struct SendsFile: Action {
    static let name = "sendsFile"
    @Input("Which") var path: String
    @Input("Status") var status: Int?
    struct Output: Encodable {}

    func run(_ context: Context) async throws -> Output {
        if let status { context.response.status = status }
        context.response.send(file: path)
        return Output()
    }
}

@Suite("sending public files")
struct FileDeliveryTests {
    private static let modified = Date(timeIntervalSince1970: 1_704_164_645)
    private static let date = "Tue, 02 Jan 2024 03:04:05 GMT"

    private func serve(_ web: JSON = [:], _ body: (WebProcess) async throws -> Void) async throws {
        let setup = WebProcess.Setup(
            actions: [SendsFile.self], web: web,
            files: [
                "public/a.txt": "0123456789", "public/empty.txt": "", "public/z.css": "plain",
                "public/z.css.gz": "gzip", "public/z.css.br": "brotli", "public/old.css": "new",
                "public/old.css.gz": "old",
                "public/x.gz": "x", "public/x.gz.gz": "xx", "public/ü ü.txt": "umlauts",
                "public/odd.nobody-knows": "?", "public/page.xhtml": "system",
            ])
        try await WebProcess.serve(setup) { web in
            for name in try FileManager.default.contentsOfDirectory(atPath: web.project.path("public")) {
                let date = name == "old.css" ? Self.modified + 1 : Self.modified
                try FileManager.default.setAttributes(
                    [.modificationDate: date], ofItemAtPath: web.project.path("public/\(name)"))
            }
            try await body(web)
        }
    }

    // MARK: Validators

    @Test("they carry a tag and a date, by which a client learns that its copy is good")
    func validators() async throws {
        try await serve { web in
            let first = try await web.request("/a.txt")
            #expect(first["last-modified"] == Self.date)
            #expect(first["accept-ranges"] == "bytes")
            let tag = try #require(first["etag"])
            for headers in [[("If-Modified-Since", Self.date)], [("If-None-Match", tag)]] {
                let response = try await web.request("/a.txt", headers: headers)
                #expect(response.status == 304)
                #expect(response["last-modified"] == Self.date)
                #expect(response["etag"] == tag)
                #expect(response["content-length"] == nil)
                #expect(response.body.isEmpty)
            }
            let condition = ("If-Unmodified-Since", "Mon, 01 Jan 2024 00:00:00 GMT")
            let failed = try await web.request("/a.txt", headers: [condition])
            #expect(failed.status == 412)
            #expect(failed["content-length"] == "0")
            #expect(failed["cache-control"] == nil)
        }
    }

    @Test("conditions of several lines are one list")
    func lines() async throws {
        try await serve { web in
            let tag = try #require(try await web.request("/a.txt")["etag"])
            let conditions = [("If-None-Match", "\"x\""), ("If-None-Match", tag)]
            let response = try await web.request("/a.txt", headers: conditions)
            #expect(response.status == 304)
        }
    }

    @Test(
        "a file with the date of a reproducible build is known by its content, and by no date",
        arguments: [0, 1, 315_532_800])
    func epoch(seconds: Double) async throws {
        try await serve(["files": ["cacheFor": 0]]) { web in
            func write(_ content: String) throws {
                try web.project.write(content, to: "public/a.txt")
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: seconds)],
                    ofItemAtPath: web.project.path("public/a.txt"))
            }
            try write("0123456789")
            let first = try await web.request("/a.txt")
            let tag = try #require(first["etag"])
            #expect(first["last-modified"] == nil)
            let date = ("If-Modified-Since", "Thu, 01 Jan 1980 00:00:00 GMT")
            #expect(try await web.request("/a.txt", headers: [("If-None-Match", tag)]).status == 304)
            #expect(try await web.request("/a.txt", headers: [date]).status == 200)
            try write("9876543210")
            let second = try await web.request("/a.txt", headers: [("If-None-Match", tag), date])
            #expect(second.text == "9876543210")
            #expect(second["etag"] != tag)
            try write("0123456789")
            #expect(try await web.request("/a.txt")["etag"] == tag, "the same on every machine")
            // Too large to be read for a tag.
            try write(String(repeating: "a", count: 100_000))
            let large = try #require(try await web.request("/a.txt")["etag"])
            #expect(try await web.request("/a.txt", headers: [("If-None-Match", large)]).status == 304)
            try write(String(repeating: "b", count: 100_000))
            #expect(try await web.request("/a.txt", headers: [("If-None-Match", large)]).status == 200)
        }
    }

    @Test("no date is in the future")
    func future() async throws {
        try await serve { web in
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: 1_000_000)],
                ofItemAtPath: web.project.path("public/a.txt"))
            let response = try await web.request("/a.txt")
            let date = try #require(response["last-modified"])
            let sent = try #require(response["Date"].flatMap(HTTPDate.seconds))
            let modified = try #require(HTTPDate.seconds(date))
            #expect(modified <= sent)
            let earlier = ("If-Modified-Since", HTTPDate.format(.init(milliseconds: (modified - 5) * 1000)))
            #expect(try await web.request("/a.txt", headers: [earlier]).status == 200)
            let range = [("Range", "bytes=0-1"), ("If-Range", date)]
            #expect(try await web.request("/a.txt", headers: range).status == 200)
            #expect(try await web.request("/a.txt", headers: [("If-None-Match", response["etag"] ?? "")]).status == 304)
        }
    }

    @Test("tags can be switched off")
    func untagged() async throws {
        try await serve(["enableEtag": false, "flatFileCacheDuration": 5]) { web in
            let response = try await web.request("/a.txt")
            #expect(response["etag"] == nil)
            #expect(response["last-modified"] == Self.date)
            #expect(response["cache-control"] == "max-age=5, must-revalidate, public")
        }
    }

    // MARK: Ranges

    @Test("a range is sent as part of the file")
    func range() async throws {
        try await serve { web in
            let response = try await web.request("/a.txt", headers: [("Range", "bytes=2-4")])
            #expect(response.status == 206)
            #expect(response.text == "234")
            #expect(response["content-range"] == "bytes 2-4/10")
            #expect(response["content-length"] == "3")
            #expect(response["content-type"] == "text/plain")
            #expect(response["etag"] != nil)
        }
    }

    @Test("several ranges are sent as parts of one body")
    func ranges() async throws {
        try await serve { web in
            let response = try await web.request("/a.txt", headers: [("Range", "bytes=0-1,-2,4-4")])
            #expect(response.status == 206)
            let type = try #require(response["content-type"])
            let boundary = try #require(type.split(separator: "=").last)
            #expect(type.hasPrefix("multipart/byteranges; boundary="))
            func part(_ range: String, _ text: String) -> String {
                "--\(boundary)\r\nContent-Type: text/plain\r\nContent-Range: bytes \(range)/10\r\n\r\n\(text)\r\n"
            }
            #expect(response.text == part("0-1", "01") + part("8-9", "89") + part("4-4", "4") + "--\(boundary)--\r\n")
            #expect(response["content-length"] == String(response.body.count))
            #expect(response["content-range"] == nil)
        }
    }

    @Test("a range behind the end is refused, with the size that there is")
    func unsatisfiable() async throws {
        try await serve { web in
            let response = try await web.request("/a.txt", headers: [("Range", "bytes=10-")])
            #expect(response.status == 416)
            #expect(response["content-range"] == "bytes */10")
            #expect(response["content-length"] == "0")
            #expect(response["cache-control"] == nil)
        }
    }

    @Test("ranges are for GET and for whole files only")
    func ignoredRanges() async throws {
        try await serve { web in
            for method in ["HEAD", "POST"] {
                let response = try await web.request("/a.txt", method: method, headers: [("Range", "bytes=0-1")])
                #expect(response.status == 200)
                #expect(response["content-length"] == "10")
            }
            let missing = try await web.request("/nope.txt", headers: [("Range", "bytes=0-1")])
            #expect(missing.status == 404)
            let failing = try await web.request(
                "/api/sendsFile?path=a.txt&status=500", headers: [("Range", "bytes=0-1")])
            #expect(failing.status == 500)
            #expect(failing.text == "0123456789")
            #expect(failing["accept-ranges"] == nil)
        }
    }

    @Test("files that actions send have ranges and conditions, too")
    func action() async throws {
        try await serve { web in
            let response = try await web.request("/api/sendsFile?path=a.txt", headers: [("Range", "bytes=-1")])
            #expect(response.status == 206)
            #expect(response.text == "9")
            let known = try await web.request("/api/sendsFile?path=a.txt", headers: [("If-Modified-Since", Self.date)])
            #expect(known.status == 304)
        }
    }

    @Test("ranges of files that do not fit into memory, one or several")
    func largeRanges() async throws {
        try await serve { web in
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            try web.project.write(Data(content), to: "public/large.bin")
            let one = try await web.request("/large.bin", headers: [("Range", "bytes=1000000-2999998")])
            #expect(one.body == Array(content[1_000_000..<2_999_999]))
            let both = try await web.request("/large.bin", headers: [("Range", "bytes=0-1999999,2500000-")])
            #expect(both.status == 206)
            #expect(both["content-length"] == String(both.body.count))
            let boundary = try #require(both["content-type"]?.split(separator: "=").last)
            let head = "Content-Type: application/octet-stream\r\nContent-Range: bytes"
            let first = Array("--\(boundary)\r\n\(head) 0-1999999/3000000\r\n\r\n".utf8)
            let second = Array("\r\n--\(boundary)\r\n\(head) 2500000-2999999/3000000\r\n\r\n".utf8)
            let expected =
                first + content[..<2_000_000] + second + content[2_500_000...] + Array("\r\n--\(boundary)--\r\n".utf8)
            #expect(both.body == expected)
        }
    }

    // MARK: Compressed siblings

    @Test("a compressed sibling goes to whoever takes it, with a tag of its own")
    func precompressed() async throws {
        try await serve { web in
            let plain = try await web.request("/z.css")
            #expect(plain.text == "plain")
            #expect(plain["vary"] == "Accept-Encoding")
            #expect(plain["content-encoding"] == nil)
            for (accepted, encoding, text) in [("gzip", "gzip", "gzip"), ("gzip, deflate, br", "br", "brotli")] {
                let response = try await web.request("/z.css", headers: [("Accept-Encoding", accepted)])
                #expect(response.text == text)
                #expect(response["content-encoding"] == encoding)
                #expect(response["content-type"] == "text/css")
                #expect(response["vary"] == "Accept-Encoding")
                let tag = try #require(response["etag"])
                #expect(tag != plain["etag"])
                let known = try await web.request(
                    "/z.css", headers: [("Accept-Encoding", accepted), ("If-None-Match", tag)])
                #expect(known.status == 304)
                #expect(known["vary"] == "Accept-Encoding")
                #expect(try await web.request("/z.css", headers: [("If-None-Match", tag)]).status == 200)
            }
            let range = try await web.request("/z.css", headers: [("Accept-Encoding", "br"), ("Range", "bytes=0-1")])
            #expect(range.text == "br")
            #expect(range["content-range"] == "bytes 0-1/6")
        }
    }

    @Test("a sibling that is older than the file, or itself compressed, is not used")
    func unusedSiblings() async throws {
        try await serve { web in
            let old = try await web.request("/old.css", headers: [("Accept-Encoding", "gzip")])
            #expect(old.text == "new")
            #expect(old["vary"] == nil)
            let packed = try await web.request("/x.gz", headers: [("Accept-Encoding", "gzip")])
            #expect(packed.text == "x")
            #expect(packed["content-encoding"] == nil)
            #expect(packed["content-type"] == "application/gzip")
        }
    }

    @Test("siblings can be switched off")
    func withoutSiblings() async throws {
        try await serve(["files": ["precompressed": false]]) { web in
            let response = try await web.request("/z.css", headers: [("Accept-Encoding", "gzip, br")])
            #expect(response.text == "plain")
            #expect(response["vary"] == nil)
        }
    }

    // MARK: Names and types

    @Test("types come from the table, the system and the configuration")
    func types() async throws {
        try await serve(["files": ["types": ["nobody-knows": "text/x-odd", "CSS": "text/x-css"]]]) { web in
            for (target, type) in [
                ("/odd.nobody-knows", "text/x-odd"), ("/z.css", "text/x-css"), ("/page.xhtml", "application/xhtml+xml"),
                ("/%C3%BC%20%C3%BC.txt", "text/plain"),
            ] {
                let response = try await web.request(target)
                #expect(response.status == 200)
                #expect(response["content-type"] == type)
            }
        }
    }

    @Test("an empty file has a length like any other")
    func empty() async throws {
        try await serve { web in
            for method in ["GET", "HEAD"] {
                let response = try await web.request("/empty.txt", method: method)
                #expect(response.status == 200)
                #expect(response["content-length"] == "0")
                #expect(response["transfer-encoding"] == nil)
            }
        }
    }

    // MARK: Change

    @Test("a file that is replaced shows at once where nothing is kept")
    func replaced() async throws {
        try await serve(["files": ["cacheFor": 0]]) { web in
            #expect(try await web.request("/a.txt").text == "0123456789")
            try web.project.write("other", to: "next.txt")
            #expect(rename(web.project.path("next.txt"), web.project.path("public/a.txt")) == 0)
            #expect(try await web.request("/a.txt").text == "other")
            try web.project.write("again", to: "public/a.txt")
            #expect(try await web.request("/a.txt").text == "again")
            try FileManager.default.removeItem(atPath: web.project.path("public/a.txt"))
            #expect(try await web.request("/a.txt").status == 404)
        }
    }

    @Test("a file is not looked for again while what is known of it counts")
    func kept() async throws {
        try await serve(["files": ["cacheFor": 3_600_000]]) { web in
            #expect(try await web.request("/a.txt").text == "0123456789")
            try web.project.write("other", to: "public/a.txt")
            #expect(try await web.request("/a.txt").text == "0123456789")
            #expect(try await web.request("/z.css").text == "plain")
        }
    }

    @Test("a file that becomes shorter while it is sent ends the connection", arguments: [0, 3_600_000])
    func shrinking(cacheFor: Int) async throws {
        try await serve(["files": ["cacheFor": .integer(cacheFor)], "timeouts": ["write": 0]]) { web in
            let path = web.project.path("public/large.bin")
            try web.project.write(Data(), to: "public/large.bin")
            #expect(truncate(path, 100_000_000) == 0)
            let connection = try web.connect()
            try await connection.send(
                "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            let start = try await connection.read(atLeast: 1)
            #expect(truncate(path, 1) == 0)
            let rest = try await connection.readToEnd()
            #expect(start.count + rest.count < 100_000_000)
            // Others are served as ever.
            #expect(try await web.request("/a.txt").text == "0123456789")
        }
    }

    @Test("a client that leaves in the middle of a file takes nothing with it")
    func leaving() async throws {
        try await serve { web in
            try web.project.write(Data(), to: "public/large.bin")
            #expect(truncate(web.project.path("public/large.bin"), 100_000_000) == 0)
            for _ in 0..<5 {
                let connection = try web.connect()
                try await connection.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.read(atLeast: 1)
            }
            #expect(try await web.request("/a.txt").text == "0123456789")
        }
    }
}
