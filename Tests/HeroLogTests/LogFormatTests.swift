// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroLog
@testable import HeroSystem

@Suite("how lines of the log look")
struct LogFormatTests {
    private let time = WallTime(milliseconds: 1_460_400_692_891)

    private func text(
        _ style: LogFormat.Style, _ level: LogLevel, _ message: String, _ data: [(String, JSON)] = []
    ) -> String {
        var format = LogFormat(style: style)
        var buffer: [UInt8] = []
        let fields: @Sendable (inout LogFieldWriter) -> Void = { writer in
            for (name, value) in data { writer.add(name, value) }
        }
        format.append(
            LogRecord(level: level, time: time, message: message, fields: fields, sizeBytes: 0), to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    private let data: [(String, JSON)] = [
        ("a", "x y"), ("b", 1), ("c", nil), ("d", ""), ("e", ["k": "v"]), ("f", true), ("g", [1, nil]),
    ]

    @Test("a plain line is that of the reference; values that say nothing are left out")
    func line() {
        #expect(
            text(.line(hasColor: false), .notice, "hello", data)
                == "2016-04-11T18:51:32.891Z - notice: hello a=x y b=1 e={\"k\":\"v\"} f=true g=[1,null]\n")
    }

    @Test("a JSON line is one object with every value")
    func json() throws {
        let line = text(.json, .emerg, "a \"b\"\n", data)
        #expect(
            line
                == #"{"level":"emerg","message":"a \"b\"\n","timestamp":"2016-04-11T18:51:32.891Z","a":"x y","b":1,"#
                + #""c":null,"d":"","e":{"k":"v"},"f":true,"g":[1,null]}"# + "\n")
        #expect(try JSON(parsing: line)["message"] == "a \"b\"\n")
    }

    @Test("nobody's data says what level, message or time a JSON line has")
    func reserved() throws {
        let forged: [(String, JSON)] = [
            ("level", "debug"), ("timestamp", "then"), ("message", "all is well"), ("to", 1),
        ]
        let line = try JSON(parsing: text(.json, .alert, "broken", forged))
        #expect(line["level"] == "alert" && line["message"] == "broken")
        #expect(line["timestamp"] == "2016-04-11T18:51:32.891Z")
        #expect(
            line["data.level"] == "debug" && line["data.timestamp"] == "then" && line["data.message"] == "all is well")
        #expect(line["to"] == 1)
    }

    @Test(
        "color marks the level and nothing else",
        arguments: [(LogLevel.error, 31), (.warning, 33), (.info, 32), (.debug, 34)])
    func color(level: LogLevel, number: Int) {
        #expect(
            text(.line(hasColor: true), level, "m")
                == "2016-04-11T18:51:32.891Z - \u{1B}[\(number)m\(level.name)\u{1B}[39m: m\n")
    }

    @Test("moments are written in UTC, in leap years and before 1970's end too")
    func times() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"), (951_827_696_007, "2000-02-29T12:34:56.007Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        ] {
            #expect(WallTime(milliseconds: milliseconds).iso8601 == expected)
        }
        var format = LogFormat(style: .line(hasColor: false))
        var buffer: [UInt8] = []
        for milliseconds in [999, 1000, 1001, 60_000, 999] {
            format.append(
                LogRecord(
                    level: .info, time: WallTime(milliseconds: milliseconds), message: "", fields: { _ in },
                    sizeBytes: 0), to: &buffer)
        }
        let times = String(decoding: buffer, as: UTF8.self).split(separator: "\n").map { $0.prefix(24).suffix(13) }
        #expect(times == ["00:00:00.999Z", "00:00:01.000Z", "00:00:01.001Z", "00:01:00.000Z", "00:00:00.999Z"])
    }
}
