// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore

@testable import HeroServers

/// What the parser of forms finds in bytes.
enum ParsedForm {
    struct Part: Equatable {
        let head: MultipartPartHead
        var bytes: [UInt8] = []
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    static func parse(_ form: String) throws -> [Part] { try parse(Array(form.utf8)) }

    static func parse(_ form: [UInt8]) throws -> [Part] { try parse(pieces: [form[...]]) }

    static func parse(_ form: [UInt8], splitBy random: inout SeededRandom) throws -> [Part] {
        var (pieces, rest): ([ArraySlice<UInt8>], ArraySlice<UInt8>) = ([], form[...])
        while !rest.isEmpty {
            let count = random.next(below: 3) == 0 ? 1 : 1 + random.next(below: 20)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return try parse(pieces: pieces)
    }

    static func parse(pieces: [ArraySlice<UInt8>]) throws -> [Part] {
        var parser = MultipartParser(boundary: "X", headerBytes: 256)
        var parts: [Part] = []
        var isInside = false
        for piece in pieces {
            parser.append(ByteBuffer(bytes: piece))
            events: while true {
                switch try parser.next() {
                case .needsMoreData: break events
                case .part(let head):
                    precondition(!isInside)
                    isInside = true
                    parts.append(Part(head: head))
                case .data(let bytes):
                    precondition(isInside && bytes.readableBytes > 0)
                    parts[parts.count - 1].bytes += Array(bytes.readableBytesView)
                case .partEnd: isInside = false
                case .end: precondition(!isInside)
                }
            }
        }
        guard parser.isComplete else { throw HTTPFault.badRequest("the form ends before its last boundary") }
        return parts
    }

    /// A form out of pieces that mean something, now and then with bytes changed.
    static func random(_ random: inout SeededRandom) -> [UInt8] {
        let contents = ["", "x", "\r\n", "\r", "--X", "\r\n--", "\r\n-X", "-", "\r\n\r\n", "\r\r\n--\r\n--Y", "é"]
        var form: [UInt8] = random.next(below: 4) == 0 ? Array("preamble\r\n".utf8) : []
        for _ in 0..<random.next(below: 4) {
            form += Array("--X\r\nContent-Disposition: form-data; name=\"f\(random.next(below: 3))\"".utf8)
            if random.next(below: 2) == 0 { form += Array("; filename=\"n\"\r\nContent-Type: a/b".utf8) }
            form += Array("\r\n\r\n".utf8)
            for _ in 0..<random.next(below: 6) { form += Array(contents[random.next(below: contents.count)].utf8) }
            form += Array("\r\n".utf8)
        }
        form += Array("--X--\r\n".utf8)
        if random.next(below: 2) == 0 {
            for _ in 0..<1 + random.next(below: 3) { mutate(&form, &random) }
        }
        return form
    }

    private static func mutate(_ form: inout [UInt8], _ random: inout SeededRandom) {
        guard !form.isEmpty else { return }
        let position = random.next(below: form.count)
        switch random.next(below: 4) {
        case 0: form[position] = UInt8(random.next(below: 256))
        case 1: form.remove(at: position)
        case 2: form.insert(contentsOf: Array("\r\n--X".utf8.prefix(1 + random.next(below: 5))), at: position)
        default: form.removeLast(random.next(below: form.count))
        }
    }
}
