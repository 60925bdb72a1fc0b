// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("packed bodies")
struct PackedBodyTests {
    private static let json = "Content-Type: application/json\r\nContent-Encoding: "

    private func serve(_ web: JSON = [:], _ body: (WebProcess) async throws -> Void) async throws {
        try await WebProcess.serve([TakeFiles.self, Greet.self], web: web, body)
    }

    @Test(
        "are read whatever packed them", arguments: ["gzip", "x-gzip", "GZIP", "deflate", "identity", "identity, gzip"])
    func read(coding: String) async throws {
        try await serve { web async throws in
            let text = Array(#"{"name":"Ada"}"#.utf8)
            let body =
                switch coding.lowercased() {
                case "identity": text
                case "deflate": Packed.zlib(text)
                default: Packed.gzip(text)
                }
            let answer = try await web.post(body, Self.json + coding, to: "/api/greet")
            #expect(answer.member("greeting") == "Hi Ada")
        }
    }

    @Test("of uploads are unpacked on their way to the disk")
    func upload() async throws {
        try await serve(["limits": ["bodySize": 1000, "inflateRatio": 1100]]) { web async throws in
            let form = TestForm().adding("file", String(repeating: "x", count: 3_000_000), file: "x")
            let body = Packed.gzip(Array(form.text.utf8))
            let answer = try await web.post(body, "Content-Type: \(TestForm.type)\r\nContent-Encoding: gzip").json
            #expect(answer["file"]?["size"] == 3_000_000)
            await web.project.uploadsAreGone()
        }
    }

    @Test(
        "in a coding that is not understood are refused with 415, and the answer says which are",
        arguments: [true, false])
    func unknown(expectsContinue: Bool) async throws {
        try await serve { web async throws in
            let headers = Self.json + "br" + (expectsContinue ? "\r\nExpect: 100-continue" : "")
            let answer = try await web.post([1, 2, 3], headers, to: "/api/greet")
            #expect(answer.status == 415)
            #expect(answer["accept-encoding"] == "gzip, deflate, identity")
            #expect(answer.error == "a body packed as br cannot be read; send it as gzip, deflate or unpacked")
            let twice = try await web.post([1, 2, 3], Self.json + "gzip, gzip", to: "/api/greet")
            #expect(twice.status == 415)
        }
    }

    @Test("that are cut or damaged are refused with 400")
    func broken() async throws {
        try await serve { web async throws in
            let body = Packed.gzip(Array(#"{"name":"Ada"}"#.utf8))
            let cut = try await web.post(Array(body.dropLast()), Self.json + "gzip", to: "/api/greet")
            #expect(cut.status == 400)
            #expect(cut.error == "the body ends before what was packed does")
            let damaged = try await web.post(Array(body.reversed()), Self.json + "gzip", to: "/api/greet")
            #expect(damaged.status == 400)
            #expect(damaged.error == "the body cannot be unpacked")
            let following = try await web.post(body + [1], Self.json + "gzip", to: "/api/greet")
            #expect(following.status == 400)
        }
    }

    @Test("that become larger than a body may be are refused with 413, however small they are")
    func bombs() async throws {
        let bomb = Packed.gzip([UInt8](repeating: UInt8(ascii: " "), count: 2_000_000))
        #expect(bomb.count < 3000)
        try await serve(["limits": ["bodySize": 1_999_999, "inflateRatio": 1100]]) { web async throws in
            #expect(try await web.post(bomb, Self.json + "gzip", to: "/api/greet").status == 413)
        }
        try await serve(["limits": ["inflateRatio": 500]]) { web async throws in
            #expect(try await web.post(bomb, Self.json + "gzip", to: "/api/greet").status == 413)
            // The first megabyte is free.
            let small = Packed.gzip([UInt8](repeating: UInt8(ascii: " "), count: 1_000_000))
            #expect(try await web.post(small, Self.json + "gzip", to: "/api/greet").status == 400)
        }
    }

    @Test("are ignored like others where the configuration says so")
    func lenient() async throws {
        try await serve(["rejectUnreadableBodies": false]) { web async throws in
            let answer = try await web.post([1, 2, 3], Self.json + "br", to: "/api/greet?name=x")
            #expect(answer.member("greeting") == "Hi x")
        }
    }
}
