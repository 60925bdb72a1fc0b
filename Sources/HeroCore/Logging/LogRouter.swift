// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
internal import HeroBundles

/// The log of a process: hands each record to the destinations that want its level.
package final class LogRouter: LogHost {
    private let destinations: [LogDestination]
    /// The least severe level that any destination wants; `nil` when there is none.
    private let lowestLevel: LogLevel?

    init(destinations: [LogDestination]) {
        self.destinations = destinations
        lowestLevel = destinations.map(\.level).max()
    }

    /// Opens what `config/logger.yml` asks for.
    ///
    /// - Parameters:
    ///   - configuration: `config/logger.yml`.
    ///   - file: Path of the log file.
    ///   - hasConsole: Whether lines go to standard output; commands that print results keep it free.
    /// - Throws: `FileError` and ``LogFileError``.
    convenience init(_ configuration: LoggerConfiguration, file: String, hasConsole: Bool) throws {
        var destinations: [LogDestination] = []
        if hasConsole, configuration.console.enabled {
            destinations.append(
                LogDestination(
                    level: LogLevel(name: configuration.console.level) ?? .info,
                    style: Self.style(configuration.console), limitBytes: configuration.bufferLimit,
                    output: LogOutput(descriptor: STDOUT_FILENO)))
        }
        if configuration.file.enabled {
            if let slash = file.lastIndex(of: "/") {
                try FileContents.createDirectory(String(file[..<slash]), mode: 0o750)
            }
            destinations.append(
                LogDestination(
                    level: LogLevel(name: configuration.file.level) ?? .info,
                    style: configuration.file.format == "json" ? .json : .line(hasColor: false),
                    limitBytes: configuration.bufferLimit, output: try LogOutput(path: file)))
        }
        self.init(destinations: destinations)
    }

    private static func style(_ console: LoggerConfiguration.Console) -> LogFormat.Style {
        guard console.format == "line" else { return .json }
        switch console.color {
        case "always": return .line(hasColor: true)
        case "never": return .line(hasColor: false)
        default: return .line(hasColor: isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil)
        }
    }

    package func isEnabled(_ level: LogLevel) -> Bool {
        guard let lowestLevel else { return false }
        return level <= lowestLevel
    }

    package func write(level: LogLevel, message: String, data: [(name: String, value: JSON)]) {
        let size = data.reduce(message.utf8.count + 64) {
            $0 + $1.name.utf8.count + 32 + $1.value.approximateBytes
        }
        write(level: level, message: message, sizeBytes: size) { fields in
            for (name, value) in data { fields.add(name, value) }
        }
    }

    /// Writes a line whose fields are worked out on the destination's thread.
    ///
    /// - Parameters:
    ///   - level: How important the line is.
    ///   - message: What happened.
    ///   - sizeBytes: An estimate of the line's length, for the bound of the buffer.
    ///   - fields: Writes the fields; called once per destination.
    func write(
        level: LogLevel, message: String, sizeBytes: Int,
        fields: @escaping @Sendable (inout LogFieldWriter) -> Void
    ) {
        let record = LogRecord(level: level, time: .now, message: message, fields: fields, sizeBytes: sizeBytes)
        for destination in destinations where level <= destination.level { destination.write(record) }
    }

    /// Opens the files again (`USR1`).
    package func reopen() {
        for destination in destinations { destination.reopen() }
    }

    /// Waits for the lines written so far, up to two seconds.
    package func flush() {
        for destination in destinations { destination.flush(limitMilliseconds: 2000) }
    }
}
