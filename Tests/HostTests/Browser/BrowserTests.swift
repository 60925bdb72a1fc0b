// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A real browser, as a client whose ideas of HTTP are not ours.
@Suite("in Chromium", .enabled(if: Chromium.mustRun, "chromium is not installed; make test installs it"))
struct BrowserTests {
    /// The page does everything itself and writes what it has seen; at the first visit it reloads itself.
    private static let page = """
        <!DOCTYPE html>
        <title>browser</title>
        <link rel="stylesheet" href="/style.css">
        <pre id="seen"></pre>
        <form action="/api/keep" method="post" enctype="multipart/form-data" target="answer">
          <input name="title" value="Über uns">
          <input type="file" name="picture">
        </form>
        <iframe name="answer"></iframe>
        <script>
          const seen = document.getElementById("seen");
          const say = (name, value) => { seen.textContent += `${name}=${value};`; };
          const events = () => new Promise((resolve) => {
            const data = [];
            const source = new EventSource("/api/ticks");
            source.addEventListener("tick", (event) => data.push(`${event.lastEventId}:${event.data}`));
            source.addEventListener("end", () => { source.close(); resolve(data.join(",")); });
          });
          const upload = () => new Promise((resolve) => {
            const files = new DataTransfer();
            files.items.add(new File(["\\r\\n--pixel".repeat(50000)], "mein \\"Bild\\".png", { type: "image/png" }));
            document.querySelector("input[type=file]").files = files.files;
            const frame = document.querySelector("iframe");
            frame.addEventListener("load", () => {
              const { title, name, type, size } = JSON.parse(frame.contentDocument.body.textContent);
              resolve([title, name, type, size].join("|"));
            });
            document.querySelector("form").submit();
          });
          (async () => {
            const { fingerprint } = await (await fetch("/api/whoAmI")).json();
            const before = sessionStorage.getItem("fingerprint");
            if (before === null) {
              sessionStorage.setItem("fingerprint", fingerprint);
              return location.reload();
            }
            say("kept", before === fingerprint);
            say("hidden", document.cookie === "");
            say("styled", getComputedStyle(seen).color);
            const { text } = await (await fetch("/api/large")).json();
            const [entry] = performance.getEntriesByName(new URL("/api/large", location).href);
            say("packed", entry.encodedBodySize > 0 && entry.encodedBodySize < entry.decodedBodySize / 4);
            say("length", text.length);
            say("redirected", (await fetch("/api/elsewhere")).url.endsWith("/style.css"));
            say("events", await events());
            say("uploaded", await upload());
            document.title = "done";
          })().catch((error) => say("failed", error));
        </script>
        """

    private static let actions = """
        import ActionHero

        struct WhoAmI: Action {
            func run(_ context: Context) async throws -> [String: String] {
                ["fingerprint": context.connection.fingerprint]
            }
        }

        struct Large: Action {
            func run(_ context: Context) async throws -> [String: String] {
                ["text": String(repeating: "All work and no play. ", count: 10_000)]
            }
        }

        struct Keep: Action {
            @Input("Its title") var title: String
            @Input("A file") var picture: UploadedFile
            struct Output: Encodable { let title: String, name: String?, type: String?, size: Int }

            func run(_ context: Context) async throws -> Output {
                Output(
                    title: title, name: picture.originalName, type: picture.contentType, size: picture.size)
            }
        }

        struct Elsewhere: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.response.redirect(to: "/style.css")
                return NoOutput()
            }
        }

        struct Ticks: Action {
            func run(_ context: Context) async throws -> NoOutput {
                let events = AsyncStream<ServerSentEvent> { continuation in
                    for number in 1...3 {
                        continuation.yield(ServerSentEvent("line\\nof \\(number)", event: "tick", id: String(number)))
                    }
                    continuation.yield(ServerSentEvent("", event: "end"))
                    continuation.finish()
                }
                context.response.sendEvents(events)
                return NoOutput()
            }
        }

        """

    @Test(
        "a page keeps its cookie over a reload, gets packed data, a redirect and events, and sends its form with a file"
    )
    func page() async throws {
        let project = try TestProject([
            "actions/browser.swift": Self.actions, "public/page.html": Self.page,
            "public/style.css": "pre { color: rgb(1, 2, 3); }\n",
            "config/servers/web.yml": "default:\n  compress: true\n",
        ])
        try await project.build()
        let hero = try await project.start()
        let seen = try await Chromium.open("http://127.0.0.1:\(await hero.port)/page.html", in: project)
        #expect(
            seen.contains(
                "kept=true;hidden=true;styled=rgb(1, 2, 3);packed=true;length=220000;redirected=true;"
                    + "events=1:line\nof 1,2:line\nof 2,3:line\nof 3;"), "\(seen)")
        #expect(seen.contains("uploaded=Über uns|mein \"Bild\".png|image/png|450000;"), "\(seen)")
        #expect(try await hero.stop() == 0)
    }
}

private enum Chromium {
    private static let path = "/usr/bin/chromium"

    /// On a developer's machine the tests go without it, in CI they fail.
    static var mustRun: Bool {
        FileManager.default.isExecutableFile(atPath: path) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    /// - Returns: The document as it is when nothing more happens in the page.
    static func open(_ address: String, in project: TestProject) async throws -> String {
        let shown = try await Program.run(
            path,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--user-data-dir=\(project.path("tmp/browser"))", "--virtual-time-budget=60000", "--dump-dom", address,
            ], directory: project.root)
        try #require(shown.code == 0, "\(shown.error)")
        return shown.output
    }
}
