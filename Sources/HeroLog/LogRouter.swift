// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
internal import HeroSystem

/// The log of a process: hands each record to the destinations that want its level.
package final class LogRouter: LogHost {
    private let destinations: [LogDestination]
    /// Hides values of whoever writes lines with data; `nil` where there is nothing to hide.
    private let filter: LogFilter?
    /// The least severe level that any destination wants; `nil` when there is none.
    private let lowestLevel: LogLevel?

    package init(destinations: [LogDestination], filter: LogFilter? = nil) {
        self.destinations = destinations
        self.filter = filter
        lowestLevel = destinations.map(\.level).max()
    }

    /// Opens what `config/logger.yml` asks for.
    ///
    /// - Parameters:
    ///   - configuration: `config/logger.yml`.
    ///   - file: Path of the log file.
    ///   - projectRoot: Never created; the directory of the file is.
    ///   - hasConsole: Whether lines go to standard output; commands that print results keep it free.
    ///   - filter: Hides values of lines with data.
    ///   - check: Says whether the file may be written to; asked each time that it is opened.
    /// - Throws: `FileError`, ``LogFileError``, and what the check throws.
    package convenience init(
        _ configuration: LoggerConfiguration, file: String, in projectRoot: String, hasConsole: Bool,
        filter: LogFilter? = nil, check: @escaping LogOutput.Check = { _ in }
    ) throws {
        var destinations: [LogDestination] = []
        if hasConsole, configuration.console.enabled {
            destinations.append(
                LogDestination(
                    level: LogLevel(name: configuration.console.level) ?? .info,
                    style: Self.style(configuration.console), limitBytes: configuration.bufferLimit,
                    output: LogOutput(descriptor: STDOUT_FILENO)))
        }
        if configuration.file.enabled {
            destinations.append(
                LogDestination(
                    level: LogLevel(name: configuration.file.level) ?? .info,
                    style: configuration.file.format == "json" ? .json : .line(hasColor: false),
                    limitBytes: configuration.bufferLimit,
                    output: try LogOutput(path: file, in: projectRoot, check: check)))
        }
        self.init(destinations: destinations, filter: filter)
    }

    /// For a process whose log file cannot be opened and that is to do its work all the same: warnings go to standard
    /// error, where somebody else may have room for them.
    ///
    /// - Parameters:
    ///   - configuration: `config/logger.yml`.
    ///   - filter: Hides values of lines with data.
    ///   - problem: What is told first.
    package convenience init(_ configuration: LoggerConfiguration, filter: LogFilter, without problem: any Error) {
        let console = LogDestination(
            level: .warning, style: .line(hasColor: false), limitBytes: configuration.bufferLimit,
            output: LogOutput(descriptor: STDERR_FILENO))
        self.init(destinations: [console], filter: filter)
        write(level: .warning, message: "\(problem); warnings and worse are written to the master's log", data: [])
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
        write(level: level, message: message, sizeBytes: size) { [filter] fields in
            for (name, value) in data { fields.add(name, filter?.hidden(value, name: name) ?? value) }
        }
    }

    /// Writes a line whose fields are worked out on the destination's thread.
    ///
    /// - Parameters:
    ///   - level: How important the line is.
    ///   - message: What happened.
    ///   - sizeBytes: An estimate of the line's length, for the bound of the buffer.
    ///   - fields: Writes the fields; called once per destination.
    package func write(
        level: LogLevel, message: String, sizeBytes: Int,
        fields: @escaping @Sendable (inout LogFieldWriter) -> Void
    ) {
        let record = LogRecord(level: level, time: .now, message: message, fields: fields, sizeBytes: sizeBytes)
        for destination in destinations where level <= destination.level { destination.write(record) }
    }

    /// Opens the files again (`USR1`); says so where that cannot be done.
    package func reopen() {
        for destination in destinations { destination.reopen { self.report($0) } }
    }

    /// The old file, which may have been removed, is not the only place where this can be read.
    private func report(_ problem: String) {
        let message = "\(problem) – lines go on to the file that was open"
        write(level: .error, message: message, data: [])
        guard destinations.allSatisfy(\.isFile) else { return }
        let line = Array("\(PlainText.line(message))\n".utf8)
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Waits for the lines written so far, up to two seconds.
    package func flush() {
        for destination in destinations { destination.flush(limitMilliseconds: 2000) }
    }
}
