// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroTestSupport
import NIOCore
import Testing

@testable import HeroServers

/// Random text of the characters that mean something to the parsers; none may make them stop or leave their bounds.
@Suite("text from strangers")
struct HostileTextTests {
    private func texts(_ alphabet: [UInt8], count: Int, _ body: ([UInt8]) -> Void) {
        var random = SeededRandom(seed: 7)
        for _ in 0..<count {
            body((0..<random.next(below: 40)).map { _ in alphabet[random.next(below: alphabet.count)] })
        }
    }

    @Test("any query becomes parameters that JSON can hold")
    func queries() {
        let parser = QueryString()
        texts(Array("[]]=&%ab012+.".utf8) + [0xFF, 0xC3, 0x00], count: 4000) { bytes in
            let parsed = JSON.object(parser.parse(bytes))
            #expect((try? JSON(parsing: parsed.description)) == parsed, "\(bytes)")
        }
    }

    @Test("lists in queries are bounded by the highest index")
    func listSizes() {
        let parser = QueryString()
        let query = (0..<1000).map { "a[\($0 % 30)]=\($0)" }.joined(separator: "&")
        #expect(JSON.object(parser.parse(query.utf8)).description.utf8.count < 20_000)
        let deep = "a" + String(repeating: "[20]", count: 4000) + "=x"
        #expect(JSON.object(parser.parse(deep.utf8)).description.utf8.count < 20_000)
    }

    @Test("any form becomes fields that JSON can hold")
    func forms() {
        texts(Array("=&%ab01+".utf8) + [0xFF, 0xC3, 0x00], count: 2000) { bytes in
            guard case .fields(let form, _) = BodyParsing.parse(ByteBuffer(bytes: bytes), .form(.utf8), .small) else {
                return
            }
            let fields = JSON.object(form)
            #expect((try? JSON(parsing: fields.description)) == fields, "\(bytes)")
        }
    }

    @Test("any JSON text is either refused or read as what it is written as again")
    func json() {
        texts(Array("{}[]\"\\:,-+.eE0123u nulltruefals".utf8) + [0xFF, 0x00, 0x0A], count: 4000) { bytes in
            guard let value = try? bytes.withUnsafeBytes({ try JSON(parsing: $0) }) else { return }
            #expect((try? JSON(parsing: value.description)) == value, "\(bytes)")
        }
    }

    @Test("any path of a file stays below its directory")
    func paths() {
        texts(Array("../%\\a".utf8) + [0], count: 4000) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let path = StaticFileServer.normalized(text) else { return }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            #expect(path.isEmpty || !parts.contains { ["", ".", ".."].contains($0) }, "\(text)")
            #expect(!path.utf8.contains(0))
        }
    }

    @Test("any cookie header is read")
    func cookies() {
        texts(Array("=; \"a,%".utf8) + [0xFF], count: 2000) { bytes in
            let header = String(decoding: bytes, as: UTF8.self)
            #expect(Cookies.parse(header).allSatisfy { !$0.value.contains(";") && !$0.name.contains("=") })
        }
    }
}

extension BodyLimits {
    /// Forms of ten fields.
    fileprivate static let small = BodyLimits(
        bodySize: 1000, inflateRatio: 200, json: JSONLimits(),
        form: FormOptions(
            uploadDir: "", keepExtensions: false, multiples: false, hashAlgorithm: nil, maxFiles: 1, maxFileSize: 1,
            maxTotalFileSize: 1, maxFields: 10, maxFieldSize: 1, maxFieldsSize: 1, maxPartHeaderSize: 256),
        uploadBuffer: 65_536)
}
