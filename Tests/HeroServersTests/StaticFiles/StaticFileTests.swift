// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

struct SendsNamed: Action {
    @Input("Which") var path: String

    func run(_ context: Context) async throws -> NoOutput {
        context.response.send(file: path)
        return NoOutput()
    }
}

@Suite("public files")
struct StaticFileTests {
    private let setup = WebProcess.Setup(
        actions: [Greet.self],
        general: ["paths": ["public": ["public", "more"]]],
        files: [
            "public/index.html": "<p>index</p>", "public/a.txt": "text", "public/empty.css": "",
            "public/dir/index.html": "inner",
            "public/no-type.nobody-knows": "bytes", "public/sp ace.txt": "space", "public/ü.txt": "umlaut",
            "public/%41.txt": "percent",
            "more/only.txt": "more", "more/a.txt": "hidden", "secret.txt": "secret", "publicity/p.txt": "sibling",
        ])

    @Test(
        "are found below the public directories, in their order",
        arguments: [
            ("/a.txt", "text"), ("/public/a.txt", "text"), ("/", "<p>index</p>"), ("/public", "<p>index</p>"),
            ("/public/", "<p>index</p>"), ("/dir", "inner"), ("/dir/", "inner"), ("/only.txt", "more"),
            ("/sp%20ace.txt", "space"), ("/%C3%BC.txt", "umlaut"), ("/\u{FC}.txt", "umlaut"), ("/%2541.txt", "percent"),
            ("/a.txt?x=y", "text"), ("/./a.txt", "text"), ("/dir/../a.txt", "text"), ("//a.txt", "text"),
            ("http://h/a.txt", "text"),
        ])
    func found(target: String, content: String) async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request(target)
            #expect(response.status == 200)
            #expect(response.text == content)
        }
    }

    @Test("of plugins come after those of the project, unless they are switched off")
    func plugins() async throws {
        let setup = WebProcess.Setup(
            plugins: [
                "first": ["path": "one"], "second": ["path": "two"], "third": ["path": "three", "public": false],
                "fourth": ["path": "four"],
            ],
            files: [
                "public/a.txt": "project", "one/public/a.txt": "one", "one/public/b.txt": "one",
                "two/public/b.txt": "two",
                "two/public/c.txt": "two", "three/public/d.txt": "three", "four/readme": "nothing public",
            ])
        try await WebProcess.serve(setup) { web in
            for (target, content) in [("/a.txt", "project"), ("/b.txt", "one"), ("/public/c.txt", "two")] {
                let text = try await web.request(target).text
                #expect(text == content)
            }
            let hidden = try await web.request("/d.txt")
            #expect(hidden.status == 404)
        }
    }

    @Test(
        "end at their directory, however the way out is spelled",
        arguments: [
            "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt",
            "/public/../../secret.txt",
            "/public/%2e%2e/secret.txt", "/public/..%2f..%2fsecret.txt", "/dir/../../secret.txt", "/..%5csecret.txt",
            "/%252e%252e/secret.txt", "/..;/secret.txt", "/.%2e/secret.txt", "/%c0%ae%c0%ae/secret.txt",
            "/%uff0e%uff0e/secret.txt", "/..%00/secret.txt", "/a.txt%00.html", "/../publicity/p.txt",
            "/..%2fpublicity/p.txt",
            "/%2fetc/passwd", "//etc/passwd", "/%2f%2fetc%2fpasswd", "/public//etc/passwd", "/../public/a.txt",
            "/link.txt",
            "/link/secret.txt", "/nope.txt", "/a.txt/", "/a.txt/x", "/%", "/%zz", "/%ff", "/fifo",
            "http://h/../secret.txt", "/....//secret.txt", "/..\\secret.txt",
        ])
    func escapes(target: String) async throws {
        try await WebProcess.serve(setup) { web in
            let root = web.project.root
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/public/link.txt", withDestinationPath: "../secret.txt")
            try FileManager.default.createSymbolicLink(atPath: "\(root)/public/link", withDestinationPath: root)
            mkfifo("\(root)/public/fifo", 0o600)
            let response = try await web.request(target)
            #expect(response.status == 404)
            #expect(response.text == "that file is not found")
            #expect(response["content-type"] == "text/html")
            let head = try await web.request(target, method: "HEAD")
            #expect(head.status == 404)
            #expect(head["content-length"] == "22")
        }
    }

    @Test("that begin with a dot are nobody's business, but what is well known")
    func hidden() async throws {
        var setup = setup
        setup.actions = [SendsNamed.self]
        setup.files = [
            "public/.env": "SECRET", "public/.git/config": "secret", "public/dir/.htpasswd": "secret",
            "public/.well-known/security.txt": "known", "public/.well-known/.secret": "secret",
            "public/dir/.well-known/x.txt": "secret", "public/..data": "secret", "public/a.env": "fine",
        ]
        let hidden = [
            "/.env", "/public/.env", "/.git/config", "/dir/.htpasswd", "/%2eenv", "/dir/../.env",
            "/.well-known/.secret",
            "/dir/.well-known/x.txt", "/..data",
        ]
        try await WebProcess.serve(setup) { web async throws in
            for target in hidden { #expect(try await web.request(target).status == 404, "\(target)") }
            #expect(try await web.request("/.well-known/security.txt").text == "known")
            #expect(try await web.request("/a.env").text == "fine")
            #expect(try await web.request("/api/sendsNamed?path=.env").status == 404)
        }
        setup.web = ["files": ["hidden": true]]
        try await WebProcess.serve(setup) { web async throws in
            for target in hidden { #expect(try await web.request(target).status == 200, "\(target)") }
        }
    }

    @Test("are not reached through a link to a name that begins with a dot, unless such names are served")
    func hiddenLinks() async throws {
        var setup = setup
        setup.files = [
            "public/.env": "SECRET", "public/.git/config": "secret", "public/.well-known/x.txt": "known",
            "public/a.txt": "text", ".env": "SECRET",
        ]
        let links = [
            ("env.txt", ".env"), ("git", ".git"), ("deep.txt", ".git/config"), ("out.txt", "../.env"),
            ("twice.txt", "env.txt"),
        ]
        for isServed in [false, true] {
            setup.web = ["files": ["hidden": .bool(isServed)]]
            try await WebProcess.serve(setup) { web async throws in
                let manager = FileManager.default
                let root = "\(web.project.root)/public"
                for (name, target) in links + [("known.txt", ".well-known/x.txt"), ("plain.txt", "a.txt")] {
                    try manager.createSymbolicLink(atPath: "\(root)/\(name)", withDestinationPath: target)
                }
                try manager.createSymbolicLink(atPath: "\(root)/absolute.txt", withDestinationPath: "\(root)/.env")
                for target in ["/env.txt", "/git/config", "/deep.txt", "/twice.txt", "/absolute.txt"] {
                    #expect(try await web.request(target).status == (isServed ? 200 : 404), "\(target)")
                }
                #expect(try await web.request("/out.txt").status == 404)
                #expect(try await web.request("/known.txt").text == "known")
                #expect(try await web.request("/plain.txt").text == "text")
            }
        }
    }

    @Test("may be links that stay inside")
    func insideLink() async throws {
        try await WebProcess.serve(setup) { web in
            try FileManager.default.createSymbolicLink(
                atPath: "\(web.project.root)/public/inside.txt", withDestinationPath: "a.txt")
            #expect(try await web.request("/inside.txt").text == "text")
            #expect(try await web.request("/inside.txt")["content-type"] == "text/plain")
        }
    }

    @Test("may be links with absolute targets that stay inside, and a public directory may be a link itself")
    func absoluteLinks() async throws {
        try await WebProcess.serve(setup) { web in
            let root = web.project.root
            let manager = FileManager.default
            try manager.createSymbolicLink(
                atPath: "\(root)/public/absolute.txt", withDestinationPath: "\(root)/public/dir/../a.txt")
            try manager.createSymbolicLink(
                atPath: "\(root)/public/outside.txt", withDestinationPath: "\(root)/secret.txt")
            try manager.moveItem(atPath: "\(root)/more", toPath: "\(root)/elsewhere")
            try manager.createSymbolicLink(atPath: "\(root)/more", withDestinationPath: "\(root)/elsewhere")
            #expect(try await web.request("/absolute.txt").text == "text")
            #expect(try await web.request("/outside.txt").status == 404)
            #expect(try await web.request("/only.txt").text == "more")
        }
    }

    @Test(
        "have the type that their name says",
        arguments: [
            ("/", "text/html"), ("/a.txt", "text/plain"), ("/empty.css", "text/css"),
            ("/no-type.nobody-knows", "application/octet-stream"),
        ])
    func types(target: String, type: String) async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request(target)
            #expect(response.status == 200)
            #expect(response["content-type"] == type)
            #expect(response["cache-control"] == "max-age=60, must-revalidate, public")
        }
    }

    @Test("are answered to HEAD with their length and no body")
    func head() async throws {
        try await WebProcess.serve(setup) { web in
            let response = try await web.request("/a.txt", method: "HEAD")
            #expect(response.status == 200)
            #expect(response["content-length"] == "4")
        }
    }

    @Test("are not sent again to a client whose copy is good")
    func conditional() async throws {
        try await WebProcess.serve(setup) { web in
            let tag = try #require(try await web.request("/a.txt")["etag"])
            #expect(tag.hasPrefix("W/\"4-"))
            for (headers, status) in [
                ([("If-None-Match", tag)], 304), ([("If-None-Match", "*")], 304),
                ([("If-None-Match", "\"x\", \(tag)")], 304),
                ([("If-None-Match", "W/\"other\"")], 200),
                ([("If-None-Match", tag), ("Cache-Control", "no-cache")], 200),
            ] {
                let response = try await web.request("/a.txt", headers: headers)
                #expect(response.status == status)
                #expect(response.text == (status == 200 ? "text" : ""))
                #expect(response["etag"] == tag)
            }
            #expect(try await web.request("/nope.txt", headers: [("If-None-Match", "*")]).status == 404)
        }
    }

    @Test("of any size arrive whole, one after the other on one connection")
    func large() async throws {
        try await WebProcess.serve(setup) { web in
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try web.project.write(Data(content), to: "public/large.bin")
            let responses = try await web.raw(
                "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(responses.count == 2)
            #expect(responses[0].body == content)
            #expect(responses[1].text == "text")
        }
    }

    @Test("have no part in paths that lead to actions")
    func actionPaths() async throws {
        try await WebProcess.serve(setup) { web in
            let action = try await web.request("/api/a.txt")
            #expect(action.error == "unknown action or invalid apiVersion")
            let posted = try await web.request("/a.txt", method: "POST")
            #expect(posted.text == "text")
        }
    }
}
