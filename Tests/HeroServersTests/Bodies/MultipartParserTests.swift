// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore
import Testing

@testable import HeroServers

@Suite("the parser of forms")
struct MultipartParserTests {
    @Test("a form becomes its fields and files, whatever is before and behind it")
    func readsForm() throws {
        let form = """
            a preamble
            --X
            Content-Disposition: form-data; name="a"

            1
            2
            --X  \t
            Content-Type: image/png
            content-disposition: form-data; filename="cat.png"; name="file"

            --X-is-no-boundary
            --X
            Content-Disposition: form-data; name=empty


            --X--
            an epilogue
            --X
            """
        // A line that begins like a boundary is none only if the boundary does not end there.
        let parts = try ParsedForm.parse(form.replacing("--X-is", with: "-X-is").replacing("\n", with: "\r\n"))
        #expect(parts.map(\.head.name) == ["a", "file", "empty"])
        #expect(parts.map(\.text) == ["1\r\n2", "-X-is-no-boundary", ""])
        #expect(parts.map(\.head.fileName) == [nil, "cat.png", nil])
        #expect(parts.map(\.head.contentType) == [nil, "image/png", nil])
        #expect(parts.map(\.head.isFile) == [false, true, false])
    }

    @Test(
        "names are read as browsers, curl and mail programs write them",
        arguments: [
            (#"name="a""#, "a", nil), ("name=a", "a", nil), (#"name="a b[c]""#, "a b[c]", nil),
            (#"name="%22%0D%0a%41""#, "\"\r\n%41", nil), (#"name="a\"b\\c""#, "a\"b\\c", nil),
            (#"name="é✓""#, "é✓", nil), (#"name=""; filename="""#, "", ""),
            (#"name="f"; filename="a;b=c.txt""#, "f", "a;b=c.txt"),
            (#"name="f"; filename="%22x%22.txt""#, "f", "\"x\".txt"),
            (#"name="f"; filename="C:\Users\ada\cat.png""#, "f", "cat.png"),
            (#"name="f"; filename="../../etc/passwd""#, "f", "passwd"), (#"name="f"; filename="..""#, "f", ""),
            (#"name="f"; filename="x"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"#, "f", "naïve €.txt"),
            (#"name="f"; filename*=iso-8859-1'en'%A3%2Fx"#, "f", "x"), (#"name="f";filename=x.y;"#, "f", "x.y"),
            (#"name="f"; filename="x.txt"; filename*=UTF-8''%zz"#, "f", "x.txt"),
            (#"name="f"; filename="x.txt"; filename*=UTF-8''%ff"#, "f", "x.txt"),
            (#"name="f"; filename*=koi8-r''%C1; filename="x.txt""#, "f", "x.txt"),
            (#"name="f"; filename="x.txt"; filename*=nonsense"#, "f", "x.txt"),
            (#"name="f"; filename*=UTF-8''%ff"#, "f", ""),
        ] as [(String, String, String?)])
    func readsNames(disposition: String, name: String, fileName: String?) throws {
        let head = try MultipartPartHead([("content-disposition", "form-data; " + disposition)])
        #expect(head.name == name)
        #expect(head.fileName == fileName)
    }

    @Test("a byte order mark before the first boundary is skipped, however the bytes arrive")
    func byteOrderMark() throws {
        let form = Array("\u{FEFF}--X\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue\r\n--X--\r\n".utf8)
        for cut in 0..<12 {
            let parts = try ParsedForm.parse(pieces: [form[..<cut], form[cut...]])
            #expect(parts.map(\.text) == ["value"], "cut at \(cut)")
        }
    }

    @Test(
        "what is no form is refused",
        arguments: [
            ("", "ends before"), ("--X", "ends before"), ("--X\r\n", "ends before"), ("--X-", "ends before"),
            ("--X\r\n\r\n", "does not say which field"), ("--XY\r\n", "does not end its line"),
            ("--X\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue\r\n--X", "ends before"),
            ("--X\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue", "ends before"),
            ("--X\nContent-Disposition: form-data; name=a\n\nvalue\n--X--", "does not end its line"),
            ("--X\r\nContent-Disposition: form-data; name=a\n", "CR LF"), ("--X\r\n folded: x\r\n", "malformed"),
            ("--X\r\nno colon\r\n", "malformed"), ("--X\r\nContent-Disposition: form-data\r\n\r\n", "no name"),
            ("--X\r\nContent-Disposition: attachment; name=a\r\n\r\n", "does not say which field"),
            ("--X\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n", "does not say which field"),
            ("--X\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", "does not say which field"),
            (
                "--X\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n",
                "twice"
            ),
            ("--X\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n", "base64"),
            ("--X\r\nA: \(String(repeating: "x", count: 300))", "too large"),
            ("--X\r\n\(String(repeating: "A: x\r\n", count: 100))", "too large"),
            (String(repeating: "x", count: 300), "does not begin"),
        ])
    func refuses(form: String, reason: String) {
        let fault = #expect(throws: HTTPFault.self) { try ParsedForm.parse(form) }
        #expect(fault?.reason.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test(
        "a boundary has 1 to 70 visible characters",
        arguments: ["", "; boundary=", "; boundary=\"a \"", "; boundary=\(String(repeating: "x", count: 71))"])
    func refusesBoundaries(parameters: String) throws {
        #expect(throws: HTTPFault.self) { try MultipartParser.boundary(of: "multipart/form-data" + parameters) }
        let longest = String(repeating: "x", count: 70)
        #expect(try MultipartParser.boundary(of: "multipart/form-data; charset=utf-8; Boundary=\(longest)") == longest)
        #expect(try MultipartParser.boundary(of: "multipart/form-data; boundary=\"a b:c\"") == "a b:c")
    }

    @Test("however the bytes are split, the same parts are found")
    func isIndependentOfSplits() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<300 {
            let form = ParsedForm.random(&random)
            let whole = Result { try ParsedForm.parse(form) }
            for _ in 0..<4 {
                let split = Result { try ParsedForm.parse(form, splitBy: &random) }
                switch (whole, split) {
                case (.success(let left), .success(let right)): #expect(left == right, "\(form)")
                case (.failure(let left), .failure(let right)):
                    #expect(left as? HTTPFault == right as? HTTPFault, "\(form)")
                default: Issue.record("\(whole) and \(split) of \(form)")
                }
            }
        }
    }

    @Test("a part may be as long as it likes: nothing of it is kept, and less than a boundary is held back")
    func keepsNothing() throws {
        var parser = MultipartParser(boundary: "X", headerBytes: 256)
        parser.append(ByteBuffer(string: "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n"))
        guard case .part = try parser.next() else {
            Issue.record("no part")
            return
        }
        let piece = ByteBuffer(string: String(repeating: "\r\n--\r\r\n--\r\n-", count: 1000))
        var passed = 0
        for count in 1...50 {
            parser.append(piece)
            while case .data(let bytes) = try parser.next() { passed += bytes.readableBytes }
            #expect(count * piece.readableBytes - passed < 5)
        }
    }
}
