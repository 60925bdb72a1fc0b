// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("values that are not logged because of their names")
struct FilteredNamesTests {
    private struct Anything: Action {
        @Input("any") var any: JSON?
        @Input("password") var password: String?
        @Input("apiKey") var apiKey: String?
        @Input("pin", secret: true) var pin: String?

        func run(_ context: Context) async throws -> JSON {
            if any == "data" {
                context.log.notice(
                    "said",
                    [
                        "accessToken": "s3cret", "order": ["id": "seen", "clientSecret": ["s3cret"]] as JSON,
                        "pass": "seen",
                    ])
            }
            if any == "repeat", let pin, let apiKey {
                return ["all": [.string("<\(pin)>"), .string(apiKey)], "number": 4711, pin: 1]
            }
            if let password { throw ActionError("'\(password)' is no password, nor is \(apiKey ?? "")/\(pin ?? "")") }
            return ["session": ["accessToken": "s3cret", "id": 1]]
        }
    }

    private func line(_ params: JSON.Object, _ general: JSON = [:]) async throws -> String {
        let process = try InMemoryProcess(
            [.action(Anything.self)], overrides: ["general": general])
        _ = await process.answer("anything", params)
        return try process.logText()
    }

    @Test(
        "are hidden in any capitals and spelling",
        arguments: [
            "password", "PASSWORD", "newPassword", "token", "access_token", "Secret", "clientSecret", "Authorization",
            "api_key", "apiKey", "X-API-Key", "creditCard", "credit_card_number",
        ])
    func spellings(_ name: String) async throws {
        for value: JSON in [
            [name: "s3cret"], ["a": [["b": [name: "s3cret"]]]], .string(#" \#n\#t{"\#(name)": "s3cret"}"#),
            .string("\u{FEFF}[{\"x\":{\"\(name)\":\"s3cret\"}}]"), .string(#"{"x":"{\"\#(name)\":\"s3cret\"}"}"#),
            [name: ["deep": ["s3cret"]]],
        ] {
            let text = try await line(["any": value])
            #expect(text.contains("[FILTERED]") && !text.contains("s3cret"), "\(text)")
        }
    }

    @Test("are hidden in JSON that writes their letters as escapes, and in JSON that is broken")
    func disguises() async throws {
        for text in [#"{"p\u0061ssword":"s3cret"}"#, #"  {"password":"s3cret""#, #"{"password":"s3cret"}}"#] {
            let line = try await line(["any": .string(text)])
            #expect(!line.contains("s3cret"), "\(line)")
        }
    }

    @Test("other names, and text that only mentions one, are logged")
    func others() async throws {
        let text = try await line(["any": ["pass": "seen1", "note": "my password is seen2", "monkey": "seen3"]])
        for word in ["seen1", "seen2", "seen3"] { #expect(text.contains(word)) }
    }

    @Test("are hidden where an error quotes them")
    func rejected() async throws {
        let text = try await line(["password": "s3cret", "apiKey": "s3cret-and-more", "pin": "4711"])
        #expect(text.contains("Error: '[FILTERED]' is no password, nor is [FILTERED]/[FILTERED]"))
        #expect(!text.contains("s3cret") && !text.contains("4711"))
    }

    @Test("are hidden in responses")
    func responses() async throws {
        let text = try await line([:], ["enableResponseLogging": true])
        #expect(text.contains("accessToken") && text.contains("[FILTERED]") && !text.contains("s3cret"))
    }

    @Test("are hidden in responses that repeat what the client has sent in secret")
    func repeated() async throws {
        let params: JSON.Object = ["any": "repeat", "pin": "4711", "apiKey": "s3cret"]
        let text = try await line(params, ["enableResponseLogging": true])
        #expect(text.contains("response") && text.contains("<[FILTERED]>"))
        #expect(!text.contains("s3cret") && !text.contains("4711"), "\(text)")
    }

    @Test("are hidden in the data of an application's own lines, at any depth")
    func data() async throws {
        let text = try await line(["any": "data"])
        #expect(text.contains(#""accessToken":"[FILTERED]""#) && text.contains(#""clientSecret":"[FILTERED]""#))
        #expect(
            text.contains(#""id":"seen""#) && text.contains(#""pass":"seen""#) && !text.contains("s3cret"), "\(text)")
        let configured = try await line(["any": "data"], ["filteredParams": ["order.id"], "filteredNames": ["other"]])
        #expect(configured.contains(#""order":{"id":"[FILTERED]""#) && configured.contains("s3cret"))
    }

    @Test(
        "are hidden in what is only nearly JSON",
        arguments: [
            #"x={"password":"s3cret"}"#, #"for(;;);{"token":"s3cret"}"#, #"cb({"apiKey":"s3cret"})"#,
            #""{\"password\":\"s3cret\"}""#, #"'{"password":"s3cret"}'"#, #"{password:'s3cret'}"#,
        ])
    func nearly(_ text: String) async throws {
        let line = try await line(["any": .string(text)])
        #expect(!line.contains("s3cret"), "\(line)")
    }

    @Test("may be others")
    func configured() async throws {
        let text = try await line(["any": ["iban": "s3cret", "password": "seen"]], ["filteredNames": ["IBAN"]])
        #expect(text.contains("seen") && !text.contains("s3cret"))
    }
}
