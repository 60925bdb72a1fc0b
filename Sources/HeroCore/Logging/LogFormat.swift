// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// How a destination writes its lines. Used by one thread at a time.
struct LogFormat {
    enum Style: Sendable {
        /// `2016-04-11T18:51:32.891Z - notice: message key=value `.
        case line(hasColor: Bool)
        /// One JSON object per line.
        case json
    }

    let style: Style

    func append(_ record: LogRecord, to buffer: inout [UInt8]) {
        switch style {
        case .line(let hasColor): appendLine(record, hasColor: hasColor, to: &buffer)
        case .json: appendJSON(record, to: &buffer)
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    private func appendLine(_ record: LogRecord, hasColor: Bool, to buffer: inout [UInt8]) {
        appendTime(record.time, to: &buffer)
        buffer += " - ".utf8
        if hasColor { buffer += Self.color(of: record.level).utf8 }
        buffer += record.level.name.utf8
        if hasColor { buffer += "\u{1B}[39m".utf8 }
        buffer += ": ".utf8
        Self.appendPlain(record.message, to: &buffer)
        for (name, value) in record.fields() {
            guard let text = Self.text(of: value) else { continue }
            buffer.append(UInt8(ascii: " "))
            buffer += name.utf8
            buffer.append(UInt8(ascii: "="))
            Self.appendPlain(text, to: &buffer)
        }
    }

    private func appendJSON(_ record: LogRecord, to buffer: inout [UInt8]) {
        var object: JSON.Object = [
            "level": .string(record.level.name),
            "message": .string(record.message),
            "timestamp": .string(record.time.iso8601),
        ]
        for (name, value) in record.fields() where object[name] == nil { object[name] = value }
        buffer += JSON.object(object).description.utf8
    }

    /// Values that say nothing are left out.
    private static func text(of value: JSON) -> String? {
        switch value {
        case .null, .string(""): nil
        case .string(let text): text
        case .bool, .integer, .number, .array, .object: value.description
        }
    }

    /// A line break in a message would let a client forge lines; control characters would reach the terminal.
    private static func appendPlain(_ text: String, to buffer: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case 0x0A: buffer += #"\n"#.utf8
            case 0x0D: buffer += #"\r"#.utf8
            case 0x09: buffer.append(byte)
            case 0..<0x20, 0x7F: buffer += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: buffer.append(byte)
            }
        }
    }

    private func appendTime(_ time: WallTime, to buffer: inout [UInt8]) {
        buffer += CalendarTime(time).iso8601(milliseconds: time.milliseconds % 1000)
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
