// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroServers
import HeroTestSupport
import Testing

@Suite("uploads", .timeLimit(.minutes(10)))
struct UploadTests {
    private func serve(_ options: JSON = [:], web: JSON = [:], _ body: (WebProcess) async throws -> Void) async throws {
        var web = web
        web["formOptions"] = options
        try await WebProcess.serve([TakeFiles.self, Echo.self], web: web) { process in
            try await body(process)
            await process.project.uploadsAreGone()
        }
    }

    @Test("a file is there for its action only, readable by the server's user only, and gone after it")
    func isTemporary() async throws {
        try await serve { web async throws in
            let form = TestForm().adding("text", "hé").adding("file", "content", file: "a/b.txt", type: "text/plain")
            let answer = try await web.post(form).json
            #expect(answer["file"]?["text"] == "content")
            #expect(answer["file"]?["size"] == 7)
            #expect(answer["file"]?["name"] == "b.txt")
            #expect(answer["file"]?["type"] == "text/plain")
            #expect(answer["file"]?["mode"] == .integer(0o600))
            #expect(answer["text"] == "hé")
            #expect(answer["body"] == ["text": "hé"])
            #expect(answer["all"] == ["file"])
            await web.project.uploadsAreGone()
            let path = try #require(answer["file"]?["path"]?.stringValue)
            #expect(path.hasPrefix(web.project.path("tmp/uploads/uploads-")))
            let directory = (path as NSString).deletingLastPathComponent
            let mode = try FileManager.default.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            // The directory goes with the process.
            await web.server.shutDown()
            #expect(web.project.list("tmp/uploads") == [])
        }
    }

    @Test("a file that its action has moved stays, and never in the place of another one")
    func isMoved() async throws {
        try await serve { web async throws in
            let form = TestForm().adding("file", "content", file: "x")
                .adding("destination", web.project.path("kept"))
            #expect(try await web.post(form).status == 200)
            await web.project.uploadsAreGone()
            #expect(try web.project.read("kept") == "content")
            let again = TestForm().adding("file", "other", file: "x").adding("destination", web.project.path("kept"))
            #expect(try await web.post(again).status == 500)
            #expect(try web.project.read("kept") == "content")
        }
    }

    @Test(
        "no parameter that a client makes up is a file", arguments: ["application/json", "urlencoded", TestForm.type])
    func cannotBeForged(type: String) async throws {
        try await serve { web async throws in
            let claim = #"{"filepath":"/etc/passwd","size":1,"newFilename":"x","mimetype":"text/plain"}"#
            let body =
                switch type {
                case "application/json": #"{"file":\#(claim)}"#
                case "urlencoded": "file=\(claim)"
                default: TestForm().adding("file", claim).text
                }
            let answer = try await web.request(
                "/api/takeFiles", method: "POST", headers: [("Content-Type", type)], body: body)
            #expect(answer.status == 422)
            #expect(answer.error == "file must be an uploaded file")
        }
    }

    @Test("of several files with one name the last counts, or all of them with multiples; all are gone afterwards")
    func comesSeveralTimes() async throws {
        let form = TestForm().adding("files", "1", file: "a").adding("files", "22", file: "b").adding("text", "x")
            .adding("text", "y")
        try await serve { web async throws in
            let answer = try await web.post(form).json
            #expect(answer["files"]?.arrayValue?.map { $0["name"] } == ["b"])
            #expect(answer["text"] == "y")
            #expect(answer["all"] == ["files", "files"])
        }
        try await serve(["multiples": true]) { web async throws in
            let answer = try await web.post(form).json
            #expect(answer["files"]?.arrayValue?.map { $0["text"] } == ["1", "22"])
            #expect(answer["text"] == ["x", "y"])
        }
    }

    @Test("a file input that was left empty is absent, an empty file is a file of size 0")
    func mayBeEmpty() async throws {
        try await serve { web async throws in
            let left = TestForm().adding("file", "", file: "", type: "application/octet-stream")
            let absent = try await web.post(left).json
            #expect(absent["file"] == nil && absent["all"] == [])
            let empty = try await web.post(TestForm().adding("file", "", file: "empty.txt")).json
            #expect(empty["file"]?["size"] == 0)
            #expect(empty["file"]?["name"] == "empty.txt")
        }
    }

    @Test("a body that is a file and no form is the parameter file, named by a header")
    func isWholeBody() async throws {
        try await serve(["hashAlgorithm": "sha256", "keepExtensions": true]) { web async throws in
            let answer = try await web.request(
                "/api/takeFiles", method: "POST",
                headers: [("Content-Type", "application/octet-stream"), ("X-File-Name", "../x.tar.gz")], body: "abc"
            ).json
            #expect(answer["file"]?["text"] == "abc")
            #expect(answer["file"]?["name"] == "x.tar.gz")
            #expect(answer["file"]?["path"]?.stringValue?.hasSuffix(".gz") == true)
            #expect(
                answer["file"]?["hash"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            let unnamed = try await web.request(
                "/api/takeFiles", method: "PUT", headers: [("Content-Type", "application/octet-stream")], body: "abc")
            #expect(unnamed.member("file")?["field"] == "file" && unnamed.member("file")?["name"] == nil)
        }
    }

    @Test(
        "a form beyond a limit is refused with 413, and nothing of it stays",
        arguments: [
            ("maxFiles", 1, "there are more than 1 files"), ("maxFileSize", 9, "the file b is too large"),
            ("maxTotalFileSize", 14, "the files are too large together"),
            ("maxFields", 1, "there are more than 1 fields"), ("maxFieldSize", 4, "the field y is too large"),
            ("maxFieldsSize", 10, "the fields are too large together"),
        ])
    func isLimited(option: String, limit: Int, reason: String) async throws {
        let form = TestForm().adding("x", "1234").adding("a", "12345", file: "a").adding("y", "12345")
            .adding("b", "1234567890", file: "b")
        try await serve([option: .integer(limit)]) { web async throws in
            let answer = try await web.post(form)
            #expect(answer.status == 413)
            #expect(answer.error == "\(reason) (web.formOptions.\(option))")
        }
        try await serve([option: .integer(limit + 1)]) { web async throws in
            #expect(try await web.post(form).status == 200)
        }
    }

    @Test("of a refused form no more than a megabyte is read before the answer; then the connection is closed")
    func isCutOff() async throws {
        try await serve(["maxFileSize": 1000]) { web async throws in
            for (size, connection) in [(100_000, "keep-alive"), (3_000_000, "close")] {
                let form = TestForm().adding("file", String(repeating: "x", count: size), file: "x")
                let answer = try await web.post(Array(form.text.utf8), "Content-Type: \(TestForm.type)")
                #expect(answer.status == 413)
                #expect(answer.error == "the file file is too large (web.formOptions.maxFileSize)")
                #expect(answer["connection"] == connection)
            }
        }
    }

    @Test("a part's headers beyond their limit are refused with 413")
    func limitsHeaders() async throws {
        try await serve(["maxPartHeaderSize": 256]) { web async throws in
            let answer = try await web.post(TestForm().adding(String(repeating: "n", count: 300), "x"))
            #expect(answer.status == 413)
        }
    }

    @Test("a form that is cut off is refused with 400, and its files go")
    func isIncomplete() async throws {
        try await serve { web async throws in
            let whole = Array(TestForm().adding("file", "content", file: "x").text.utf8)
            let answer = try await web.post(Array(whole.dropLast(6)), "Content-Type: \(TestForm.type)")
            #expect(answer.status == 400)
            #expect(answer.error == "the form ends before its last boundary")
        }
    }

    @Test("what a client sends that leaves before its end goes with it")
    func isAbandoned() async throws {
        try await serve { web async throws in
            var connection: HTTPConnection? = try web.connect()
            // Less than this waits in memory.
            let form = TestForm().adding("file", String(repeating: "x", count: 20_000), file: "x").text
            try await connection?.send(
                "POST /api/takeFiles HTTP/1.1\r\nHost: a\r\nContent-Type: \(TestForm.type)\r\n"
                    + "Content-Length: 30000\r\n\r\n\(form.dropLast(10))")
            while web.project.uploads.isEmpty { await Task.yield() }
            connection = nil
            await web.project.uploadsAreGone()
            #expect(try await web.post(TestForm().adding("text", "x")).status == 200)
        }
    }

    @Test("files for paths that lead to no action never touch the disk; without a route for the method neither")
    func isUnwanted() async throws {
        try await serve(web: ["automaticRoutes": ["put"]]) { web async throws in
            let form = TestForm().adding("file", "content", file: "x").adding("text", "t")
            for target in ["/api/nothing", "/api/takeFiles", "/public/x", "/"] {
                let status = try await web.post(form, to: target).status
                #expect(status == 404 || status == 405, "\(target)")
            }
            #expect(!web.project.exists("tmp/uploads"))
        }
    }

    @Test("where uploads cannot be stored the answer is 500, and the log says why")
    func cannotBeStored() async throws {
        try await serve(["uploadDir": "/proc/nowhere"]) { web async throws in
            let answer = try await web.post(TestForm().adding("file", "content", file: "x"))
            #expect(answer.status == 500)
            #expect(answer.error == "the upload could not be stored")
            let lines = try web.log("an upload could not be stored")
            #expect(lines.first?["directory"] == "/proc/nowhere")
        }
    }

    @Test("nothing is written where others have made the directory since the start")
    func isNotTrusted() async throws {
        try await serve { web async throws in
            let form = TestForm().adding("file", "content", file: "x")
            for path in ["tmp/uploads", "tmp"] {
                try FileManager.default.createDirectory(
                    atPath: web.project.path("tmp/uploads"), withIntermediateDirectories: true)
                #expect(chmod(web.project.path(path), 0o777) == 0)
                #expect(try await web.post(form).status == 500)
                #expect(web.project.list("tmp/uploads") == [])
                let line = try web.log("an upload could not be stored").last
                #expect(line?["error"]?.stringValue?.contains("can be written by everybody (mode 0777)") == true)
                #expect(chmod(web.project.path(path), 0o755) == 0)
            }
            #expect(try await web.post(form).status == 200)
        }
    }

    @Test("text of forms is read in the encoding that it says")
    func hasCharset() async throws {
        try await serve { web async throws in
            let latin =
                Array("--X\r\nContent-Disposition: form-data; name=text\r\n".utf8)
                + Array("Content-Type: text/plain; charset=iso-8859-1\r\n\r\n".utf8) + [0xE9, 0x80]
                + Array("\r\n--X--".utf8)
            let answer = try await web.post(latin, "Content-Type: \(TestForm.type)").json
            #expect(answer["text"] == "é€")
            let common = TestForm().adding("_charset_", "windows-1252").adding("text", "é")
            #expect(try await web.post(common).json["text"] == "Ã©")
            let unknown = try await web.post(TestForm().adding("text", "x", type: "text/plain; charset=koi8-r"))
            #expect(unknown.status == 415)
            #expect(unknown.error == "text in koi8-r cannot be read; send it in UTF-8")
            let form = try await web.post(
                Array("text=%E9".utf8), "Content-Type: application/x-www-form-urlencoded; charset=ISO-8859-1")
            #expect(try form.json["text"] == "é")
        }
    }

    @Test("with saveRawBody a form is also there as it came, and no longer than other bodies")
    func isKeptRaw() async throws {
        try await serve(web: ["saveRawBody": true, "limits": ["bodySize": 1000]]) { web async throws in
            #expect(try await web.post(TestForm().adding("text", "x")).status == 200)
            let long = TestForm().adding("text", String(repeating: "x", count: 1000))
            #expect(try await web.post(long).status == 413)
        }
    }

    @Test("forms out of random bytes leave no files and a server that answers")
    func survivesAnything() async throws {
        try await serve { web async throws in
            var random = SeededRandom(seed: 11)
            for _ in 0..<150 {
                let answer = try await web.post(ParsedForm.random(&random), "Content-Type: \(TestForm.type)")
                #expect([200, 400, 413, 415].contains(answer.status), "\(answer.text)")
            }
        }
    }
}
