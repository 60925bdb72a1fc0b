// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// How a destination writes its lines.
///
/// Used by one thread at a time.
package struct LogFormat {
    package enum Style: Sendable {
        /// `2016-04-11T18:51:32.891Z - notice: message key=value`.
        case line(hasColor: Bool)
        /// One JSON object per line.
        case json
    }

    private let style: Style
    /// The second that was formatted last, up to its decimal point: most lines fall into the same one.
    private var second = Int.min
    private var secondText: [UInt8] = []

    init(style: Style) {
        self.style = style
    }

    mutating func append(_ record: LogRecord, to buffer: inout [UInt8]) {
        switch style {
        case .line(let hasColor): appendLine(record, hasColor: hasColor, to: &buffer)
        case .json: appendJSON(record, to: &buffer)
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func appendLine(_ record: LogRecord, hasColor: Bool, to buffer: inout [UInt8]) {
        appendTime(record.time, to: &buffer)
        buffer += " - ".utf8
        if hasColor { buffer += Self.color(of: record.level).utf8 }
        buffer += record.level.name.utf8
        if hasColor { buffer += "\u{1B}[39m".utf8 }
        buffer += ": ".utf8
        PlainText.append(record.message, to: &buffer)
        appendFields(record, isJSON: false, to: &buffer)
    }

    private mutating func appendJSON(_ record: LogRecord, to buffer: inout [UInt8]) {
        buffer += #"{"level":""#.utf8
        buffer += record.level.name.utf8
        buffer += #"","message":"#.utf8
        var writer = JSONWriter(indent: nil)
        writer.write(record.message)
        PlainText.append(json: writer.bytes, to: &buffer)
        buffer += #","timestamp":""#.utf8
        appendTime(record.time, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
        appendFields(record, isJSON: true, to: &buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    private func appendFields(_ record: LogRecord, isJSON: Bool, to buffer: inout [UInt8]) {
        var writer = LogFieldWriter(buffer: buffer, isJSON: isJSON)
        // Otherwise the writer's first byte would copy everything written so far.
        buffer = []
        record.fields(&writer)
        buffer = writer.buffer
    }

    private mutating func appendTime(_ time: WallTime, to buffer: inout [UInt8]) {
        let (seconds, milliseconds) = (time.milliseconds / 1000, time.milliseconds % 1000)
        if seconds != second {
            second = seconds
            secondText = CalendarTime(time).iso8601(milliseconds: 0).dropLast(4)
        }
        buffer += secondText
        buffer.append(UInt8(ascii: "0") + UInt8(milliseconds / 100))
        buffer.append(UInt8(ascii: "0") + UInt8(milliseconds / 10 % 10))
        buffer.append(UInt8(ascii: "0") + UInt8(milliseconds % 10))
        buffer.append(UInt8(ascii: "Z"))
    }

    private static func color(of level: LogLevel) -> String {
        switch level {
        case .emerg, .alert, .crit, .error: "\u{1B}[31m"
        case .warning, .notice: "\u{1B}[33m"
        case .info: "\u{1B}[32m"
        case .debug: "\u{1B}[34m"
        }
    }
}
