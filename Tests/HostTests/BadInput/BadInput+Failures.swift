// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

extension BadInput {
    @Suite("actions that fail")
    struct Failures {
        @Test("an error that is thrown is answered with its words and status, whatever kind it is")
        func errors() async throws {
            try await BadInput.serve { hero in
                let expected: [(how: String, status: Int, error: String)] = [
                    ("plain", 500, "Plain()"), ("described", 500, #"line one\nline \"two\""#),
                    ("action", 500, "meant for clients"), ("status", 418, "teapot"),
                    ("wrongStatus", 500, "no such status"),
                    ("negativeStatus", 500, "no such status"), ("cancelled", 500, "CancellationError()"),
                    ("empty", 500, ""),
                    ("nanField", 500, "with a field"), ("encoding", 500, "will not be encoded"),
                    ("nested", 418, "teapot"),
                    ("unknownNested", 500, "unknown action or invalid apiVersion"),
                ]
                for (how, status, error) in expected {
                    let response = try await hero.request("/api/fail?how=\(how)")
                    #expect(response.status == status, "\(how)")
                    #expect(response.errorText == error, "\(how)")
                    #expect(JSONSerialization.isValid(response.body), "\(how)")
                }
            }
        }

        @Test("in production the words of unexpected errors stay in the log")
        func production() async throws {
            try await BadInput.serve(environment: "production") { hero in
                let response = try await hero.request("/api/fail?how=described")
                #expect(response.status == 500)
                #expect(response.text == #"{"error":"the server could not complete this request"}"#)
                let meant = try await hero.request("/api/fail?how=action")
                #expect(meant.text == #"{"error":"meant for clients"}"#)
            }
        }

        @Test("a number without a JSON form is answered with 500 and its place in the output")
        func numbers() async throws {
            try await BadInput.serve { hero in
                for (which, name) in [("nan", "nan"), ("infinity", "inf"), ("minus", "-inf")] {
                    let response = try await hero.request("/api/number?which=\(which)")
                    #expect(response.status == 500)
                    #expect(response.errorText == "deep.list[1].value is \(name), which cannot be encoded as JSON")
                    #expect(JSONSerialization.isValid(response.body))
                }
                let whole = try await hero.request("/api/wholeNumber")
                #expect(whole.status == 500)
                #expect(JSONSerialization.isValid(whole.body))
            }
        }

        @Test("such a number inside a JSON value is answered as null, as the reference does it")
        func looseNumbers() async throws {
            try await BadInput.serve { hero in
                let response = try await hero.request("/api/loose")
                #expect(response.status == 200)
                #expect(JSONSerialization.isValid(response.body))
                #expect(response.text.hasPrefix("{\n  \"early\": null,\n  \"value\": null,"))
            }
        }

        @Test("an action that never returns ends for its client when its time is over")
        func timeout() async throws {
            try await BadInput.serve(stops: false) { hero in
                for action in ["hangLimited", "hangThread"] {
                    let response = try await hero.request("/api/\(action)")
                    #expect(response.status == 504, "\(action)")
                    #expect(response.errorText == "the action took longer than 50 ms")
                }
            }
        }

        @Test("one without a time limit is cancelled when its client goes away, and holds up nobody else")
        func hanging() async throws {
            try await BadInput.serve(stops: false) { hero in
                do {
                    let connection = try HTTPConnection(port: await hero.port)
                    connection.leavesByReset()
                    try await connection.send("GET /api/hang HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await hero.line(containing: "hanging")
                    #expect(try await hero.request("/api/good?text=meanwhile").status == 200)
                }
                try await hero.line(containing: "hanging was cancelled")
            }
        }

        @Test("what C returns and JSON cannot hold is answered, repaired or refused")
        func cResults() async throws {
            try await BadInput.serve { hero in
                let notJSON = "the C function returned text that is not JSON:"
                let repaired = "m\u{FFFD}" + String(repeating: "x", count: 509)
                let expected: [(action: String, status: Int, start: String)] = [
                    ("cText", 500, #"{"error":"the C function returned text that is not UTF-8","#),
                    ("cJSON", 500, #"{"error":"\#(notJSON) unexpected end of input at byte 5","#),
                    ("cJSONText", 500, #"{"error":"\#(notJSON) invalid UTF-8 at byte 6","#),
                    ("cNull", 200, #"{"result":null,"#), ("cNaN", 200, #"{"result":null,"#),
                    ("cError", 500, #"{"error":"\#(repaired)"#), ("cEcho?text=x", 200, #"{"result":"x","#),
                    ("cEcho?text=a%00b", 422, #"{"error":"text must not contain NUL characters","#),
                ]
                for (action, status, start) in expected {
                    let response = try await hero.request("/api/\(action)")
                    #expect(response.status == status, "\(action)")
                    #expect(JSONSerialization.isValid(response.body), "\(action)")
                    let text = response.text.replacing("\n  ", with: "").replacing("\": ", with: "\":")
                    #expect(text.hasPrefix(start), "\(action)")
                }
            }
        }
    }
}

extension JSONSerialization {
    /// Whether the bytes are JSON, in the eyes of a parser that is not ours.
    fileprivate static func isValid(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
            && (try? jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }
}
