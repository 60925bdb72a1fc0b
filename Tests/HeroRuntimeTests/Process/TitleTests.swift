// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import HeroRuntime
import HeroShared
import HeroTestSupport
import Testing

@Suite("titles of processes")
struct TitleTests {
    private static let long = String(repeating: "t", count: 129)

    private func refusal(_ title: String?, _ environment: [String: String] = [:], id: String? = nil) throws -> String {
        let project = try TestProject(["config/empty.yml": "default: {}\n"])
        var flags = ConfigurationLoader.Flags()
        if let id { flags.values = [("general.id", id)] }
        let setup = ProcessSetup(projectRoot: project.root, environment: environment, flags: flags, title: title)
        do {
            _ = try setup.makeApplication()
            return ""
        } catch let error as ConfigurationRefused {
            #expect(project.list("log") == [])
            return error.description
        }
    }

    @Test("are refused in words when names of files cannot take them, wherever they come from")
    func tooLong() throws {
        let reason = "is too long: 129 bytes, of which names of files can take 128"
        #expect(try refusal(Self.long).contains("--title: \(reason)"))
        #expect(try refusal(nil, ["ACTIONHERO_TITLE": Self.long]).contains("ACTIONHERO_TITLE: \(reason)"))
        #expect(try refusal(nil, id: Self.long).contains("general.id: \(reason)"))
        #expect(try refusal(String(Self.long.dropFirst())) == "")
    }

    @Test(
        "are one line without anything that acts on a terminal",
        arguments: [
            ("a\nb", "a\\nb"), ("a\rb", "a\\rb"), ("a\u{1B}[2J", "a\\x1b[2J"), ("a\u{7F}", "a\\x7f"),
            ("a\tb", "a\tb"), ("a\u{202E}b", "a\\u{202e}b"),
        ])
    func acting(title: String, spelled: String) throws {
        #expect(try refusal(title).contains("--title: must be one line without control characters, not '\(spelled)'"))
    }

    @Test("are refused in words when there is nothing in them but blanks", arguments: [" ", "   ", "\u{3000}"])
    func blank(title: String) throws {
        #expect(try refusal(title).contains("--title: must have a letter or a digit, not '\(title)'"))
        #expect(try refusal(nil, ["ACTIONHERO_TITLE": title]).contains("ACTIONHERO_TITLE: must have a letter"))
        #expect(try refusal(nil, id: title).contains("general.id: must have a letter"))
    }

    @Test("may have slashes, blanks and letters of every language", arguments: ["a/b", "../a", "shop: east", "größe"])
    func accepted(title: String) throws {
        #expect(try refusal(title) == "")
    }
}
