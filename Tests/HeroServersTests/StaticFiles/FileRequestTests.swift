// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroServers

@Suite("ranges of a file")
struct ByteRangesTests {
    @Test(
        "are those that the header names",
        arguments: [
            ("bytes=0-0", [0..<1]), ("bytes=0-3", [0..<4]), ("bytes=6-", [6..<10]), ("bytes=-3", [7..<10]),
            ("bytes=0-99", [0..<10]), ("bytes=-99", [0..<10]), ("BYTES=1-2", [1..<3]),
            ("bytes= 1-2 ,\t5-6", [1..<3, 5..<7]),
            ("bytes=,1-2,,", [1..<3]), ("bytes=5-6,1-2", [5..<7, 1..<3]), ("bytes=1-2,99-", [1..<3]),
            ("bytes=0-99999999999999999999", [0..<10]), ("bytes=-99999999999999999999", [0..<10]),
        ])
    func parts(header: String, parts: [Range<Int>]) {
        #expect(ByteRanges(header, size: 10) == .parts(parts))
    }

    @Test(
        "that overlap or touch become one, so that nothing is sent twice",
        arguments: [
            ("bytes=0-4,3-6", [0..<7]), ("bytes=0-4,5-6", [0..<7]), ("bytes=0-,0-,0-", [0..<10]),
            ("bytes=8-9,0-3,2-4", [0..<5, 8..<10]), ("bytes=1-8,3-4", [1..<9]),
        ])
    func merged(header: String, parts: [Range<Int>]) {
        #expect(ByteRanges(header, size: 10) == .parts(parts))
    }

    @Test(
        "behind the end cannot be had",
        arguments: ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-", "bytes=10-,11-"])
    func unsatisfiable(header: String) {
        #expect(ByteRanges(header, size: 10) == .unsatisfiable)
    }

    @Test(
        "that make no sense are ignored",
        arguments: [
            nil, "", "bytes", "bytes=", "bytes=,", "bytes=a-b", "bytes=1", "bytes=3-2", "bytes=--1", "bytes=1-2-3",
            "bytes=+1-2", "bytes=1 - 2", "lines=1-2", "bytes=0x1-2", "bytes 1-2", "bytes=-", "bytes=١-٢",
            "bytes=1-2,x", "bytes=" + Array(repeating: "0-0", count: 33).joined(separator: ","),
        ])
    func ignored(header: String?) {
        #expect(ByteRanges(header, size: 10) == .whole)
    }

    @Test("of an empty file are none, and its last bytes are the whole of it")
    func empty() {
        #expect(ByteRanges("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRanges("bytes=-5", size: 0) == .whole)
    }
}

@Suite("encodings that a client takes")
struct AcceptedEncodingsTests {
    @Test(
        "are weighed, and of equals the smaller one wins",
        arguments: [
            ("gzip, br", FileEncoding.brotli), ("gzip", .gzip), ("br;q=0.5, gzip", .gzip),
            ("gzip;q=0.5, br;q=0.5", .brotli),
            ("*", .brotli), ("*;q=0.1, br;q=0", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("gzip ; q=1.000", .gzip),
            ("deflate, gzip;q=0.001", .gzip), ("identity;q=0.5, gzip;q=0.9", .gzip), ("gzip;Q=1", .gzip),
        ])
    func chosen(header: String, encoding: FileEncoding) {
        #expect(AcceptedEncodings(header).best(of: [.brotli, .gzip]) == encoding)
    }

    @Test(
        "are none when nothing fits, is forbidden or cannot be read",
        arguments: [
            nil, "", "deflate", "gzip;q=0, br;q=0.0", "*;q=0", "gzip;q=x, br;q=2", "gzip;q=0.0001, br;q=-1",
            "identity, gzip;q=0.5, br;q=0.9", "gzip;q=, br;q=.", "sdch",
        ])
    func none(header: String?) {
        #expect(AcceptedEncodings(header).best(of: [.brotli, .gzip]) == nil)
    }

    @Test("are looked for among those that there are")
    func available() {
        #expect(AcceptedEncodings("br, gzip;q=0.1").best(of: [.gzip]) == .gzip)
        #expect(AcceptedEncodings("br").best(of: [.gzip]) == nil)
        #expect(AcceptedEncodings("br").best(of: []) == nil)
    }
}

@Suite("content types")
struct MediaTypesTests {
    @Test("are read from the system's table")
    func types() {
        let types = MediaTypes.parseTypes("# comment\n\ntext/x-a\t\ta A2\nno-type\tb\ntext/x-c a c\nmodel/none\n")
        #expect(types == ["a": "text/x-a", "a2": "text/x-a", "c": "text/x-c"])
    }

    @Test("are read from the desktop's table")
    func globs() {
        let types = MediaTypes.parseGlobs(
            """
            # comment
            80:text/x-a:*.a
            50:text/x-b:*.a
            50:text/x-c:makefile
            50:text/x-d:*.[0-9]
            50:x/tar:*.tar.GZ
            """)
        #expect(types == ["a": "text/x-a", "tar.gz": "x/tar"])
    }

    @Test(
        "follow the end of the name, the configuration's first",
        arguments: [
            ("a.HTML", "text/html"), ("d.ir/noext", "application/octet-stream"), ("x.own", "text/x-own"),
            ("x.txt", "text/plain"), ("x.css", "text/x-css"), (".txt", "application/octet-stream"),
            ("a.", "application/octet-stream"), ("a.nobody-knows", "application/octet-stream"),
        ])
    func byName(path: String, type: String) {
        #expect(MediaTypes(own: ["own": "text/x-own", "css": "text/x-css"]).type(ofPath: path) == type)
    }
}
