// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import Testing

@testable import HeroTasks

@Suite("payloads of jobs")
struct PayloadTests {
    private func text(_ inputs: JSON) -> String {
        String(decoding: JobPayload(task: "t", queue: "q", inputs: inputs).bytes, as: UTF8.self)
    }

    @Test("are written as JavaScript writes them")
    func writing() throws {
        #expect(text([:]) == #"{"class":"t","queue":"q","args":[{}]}"#)
        #expect(text(nil) == #"{"class":"t","queue":"q","args":[null]}"#)
        let inputs: JSON = ["u": "hé ✓ / \"q\" \\ \u{2028} 😀", "e": 1e21, "small": 1e-7, "f": 1.0]
        #expect(
            text(inputs)
                == #"{"class":"t","queue":"q","args":[{"u":"hé ✓ / \"q\" \\ "# + "\u{2028}"
                + #" 😀","e":1e+21,"small":1e-7,"f":1}]}"#)
        #expect(
            text(["b": 1, "10": 1, "2": ["01": 1, "0": 2]])
                == #"{"class":"t","queue":"q","args":[{"2":{"0":2,"01":1},"10":1,"b":1}]}"#)
    }

    @Test("are read with and without a queue")
    func reading() throws {
        let job = try JobPayload(reading: Array(#" {"args":[1,"a"],"class":"t"} "#.utf8))
        #expect(job == JobPayload(task: "t", queue: nil, arguments: [1, "a"]))
        #expect(try JobPayload(reading: JobPayload(task: "t", queue: "q", inputs: ["a": 1]).bytes).queue == "q")
    }

    @Test(
        "say why they are no jobs",
        arguments: [
            ("not json", "is not JSON"), ("[]", "no object"), (#"{"args":[]}"#, "no class"),
            (#"{"class":1,"args":[]}"#, "no class"), (#"{"class":"t"}"#, "no args"),
            (#"{"class":"t","args":{}}"#, "no args"), (#"{"class":"t","queue":1,"args":[]}"#, "queue of the job"),
            (#"{"class":"t","args":[{"a":1,"a":2}]}"#, "two members"),
            (#"{"class":"t","args":[{"a":1,"\u0061":":"}]}"#, "two members"),
            (#"{"class":"t","args":[9007199254740993]}"#, "9007199254740993"),
            (#"{"class":"t","args":[-123456789012345678901]}"#, "beyond 2^53"),
            (String(repeating: "[", count: 2000), "deeper than"), ("", "is not JSON"),
        ])
    func reasons(_ payload: String, _ reason: String) {
        let error = #expect(throws: MalformedJob.self) { try JobPayload(reading: Array(payload.utf8)) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test("that are no UTF-8 are no jobs, and their entry in failed has every byte of them")
    func invalidText() throws {
        let payload = Array(#"{"class":"t","args":["\#u{1}"#.utf8) + [0xFF, 0x22]
        let error = #expect(throws: MalformedJob.self) { try JobPayload(reading: payload) }
        #expect(error?.reason.contains("not JSON") == true)
        let entry = FailureEntry(
            worker: "w", queue: "q", payload: payload, exception: "E", message: "m", time: WallTime(milliseconds: 0))
        let wanted =
            Array(#""payload":"{\"class\":\"t\",\"args\":[\"\u0001"#.utf8) + [0xFF] + Array(#"\"","exception""#.utf8)
        #expect(entry.bytes.indices.contains { entry.bytes[$0...].starts(with: wanted) })
    }

    @Test("have a bound, which is checked before they are read, and when they are enqueued")
    func size() throws {
        let text = String(repeating: "x", count: JobPayload.mostBytes)
        let job = JobPayload(task: "t", queue: "q", inputs: ["text": .string(text)])
        for read in [{ _ = try JobPayload(reading: job.bytes) }, { _ = try job.checkedBytes() }] {
            let error = #expect(throws: MalformedJob.self) { try read() }
            #expect(error?.reason.contains("at most 16777216 are read") == true)
        }
    }

    @Test("are read as deep as Ruby can read them in an entry of failed, and no deeper")
    func depth() throws {
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        let job = { Array("{\"class\":\"t\",\"args\":\(deep($0))}".utf8) }
        #expect(try JobPayload(reading: job(98)).arguments.count == 1)
        #expect(throws: MalformedJob.self) { try JobPayload(reading: job(99)) }
    }

    @Test("keep numbers that every program reads alike, up to 2^53")
    func numbers() throws {
        let payload = Array(#"{"class":"t","args":[9007199254740992,-9007199254740992,1.5,1e300]}"#.utf8)
        #expect(try JobPayload(reading: payload).arguments.count == 4)
        #expect(throws: MalformedJob.self) {
            try JobPayload(task: "t", queue: "q", inputs: .integer(9_007_199_254_740_993)).check()
        }
    }

    @Test("have a tag only where one was asked for, which is no input")
    func tags() throws {
        let tagged = JobPayload(task: "t", queue: "q", inputs: ["a": 1], tag: JobTag(id: "x", batch: "b"))
        #expect(
            String(decoding: tagged.bytes, as: UTF8.self)
                == #"{"class":"t","queue":"q","args":[{"a":1},{"$job":"x","$batch":"b"}]}"#)
        let read = try JobPayload(reading: tagged.bytes)
        #expect(read.tag == JobTag(id: "x", batch: "b") && read.inputs == [["a": 1]])
        let other = JobPayload(task: "t", queue: "q", arguments: [1, ["$job": "x", "a": 1]])
        #expect(other.tag == JobTag() && other.inputs.count == 2)
    }

    @Test("fail into entries in node-resque's order, with its dates")
    func entries() {
        let entry = FailureEntry(
            worker: "h:1+1", queue: "high", payload: Array(job(1).utf8), exception: "Error", message: "smtp down",
            backtrace: ["    at x"], time: WallTime(milliseconds: 1_700_000_002_000))
        #expect(
            String(decoding: entry.bytes, as: UTF8.self)
                == #"{"worker":"h:1+1","queue":"high","payload":\#(job(1)),"exception":"Error","error":"smtp down","#
                + #""backtrace":["    at x"],"failed_at":"Tue Nov 14 2023 22:13:22 GMT+0000 (Coordinated Universal Time)"}"#
        )
    }

    @Test("have dates of JavaScript that are read back, whatever their zone")
    func dates() {
        let time = WallTime(milliseconds: 1_709_209_805_000)
        #expect(JavaScriptDate.milliseconds(JavaScriptDate.text(time)) == time.milliseconds)
        let west = "Fri Dec 12 2014 14:01:16 GMT-0800 (Pacific Standard Time)"
        #expect(JavaScriptDate.milliseconds(west) == 1_418_421_676_000)
        #expect(JavaScriptDate.milliseconds("yesterday") == nil)
        #expect(JavaScriptDate.milliseconds("Fri Dec 99 2014 14:01:16 GMT-0800") == nil)
    }
}
