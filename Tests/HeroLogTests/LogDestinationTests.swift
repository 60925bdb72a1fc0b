// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Synchronization
import Testing

@testable import HeroLog

@Suite("where lines of the log go")
struct LogDestinationTests {
    /// A pipe whose reader waits until it is told to read.
    private final class Pipe: Sendable {
        let readEnd: Int32
        let writeEnd: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            (readEnd, writeEnd) = (ends[0], ends[1])
        }

        /// Begins to read to the end, on a thread of its own: the tests' threads are few, and may all be waiting for it.
        func startReading() -> Lines {
            let (lines, readEnd) = (Lines(), readEnd)
            Thread.detachNewThread {
                let data = FileHandle(fileDescriptor: readEnd, closeOnDealloc: true).readDataToEndOfFile()
                lines.finish(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
            }
            return lines
        }
    }

    /// What will have been read.
    private final class Lines: Sendable {
        private let stream = AsyncStream.makeStream(of: [String].self)

        func finish(_ lines: [String]) {
            stream.continuation.yield(lines)
            stream.continuation.finish()
        }

        var all: [String] {
            get async { await stream.stream.first { _ in true } ?? [] }
        }
    }

    private func destination(
        _ output: LogOutput, limitBytes: Int = 1_000_000, level: LogLevel = .debug
    ) -> LogDestination {
        LogDestination(level: level, style: .line(hasColor: false), limitBytes: limitBytes, output: output)
    }

    private func router(_ destinations: LogDestination...) -> LogRouter { LogRouter(destinations: destinations) }

    @Test("each destination takes the lines of its level and worse")
    func levels() throws {
        let project = try TestProject()
        let all = destination(try LogOutput(path: project.path("all.log")))
        let few = destination(try LogOutput(path: project.path("few.log")), level: .error)
        let router = router(all, few)
        #expect(router.isEnabled(.debug))
        #expect(!LogRouter(destinations: [few]).isEnabled(.warning))
        #expect(!LogRouter(destinations: []).isEnabled(.emerg))
        router.write(level: .error, message: "bad", data: [])
        router.write(level: .info, message: "good", data: [])
        router.flush()
        #expect(
            try project.read("all.log").split(separator: "\n").map { $0.suffix(4) }
                == [": bad", "good"].map { $0.suffix(4) })
        #expect(try project.read("few.log").hasSuffix("error: bad\n"))
        #expect(try project.read("few.log").split(separator: "\n").count == 1)
    }

    @Test("lines of many tasks arrive whole, and those of one task in order")
    func order() async throws {
        let project = try TestProject()
        let router = router(destination(try LogOutput(path: project.path("a.log")), limitBytes: 100_000_000))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        router.write(level: .info, message: "task \(task) number \(number)", data: [])
                    }
                }
            }
        }
        router.flush()
        let lines = try project.read("a.log").split(separator: "\n")
        #expect(lines.count == 4000)
        for task in 0..<8 {
            let numbers = lines.filter { $0.contains("task \(task) ") }.map { $0.split(separator: " ").last ?? "" }
            #expect(numbers == (0..<500).map { Substring(String($0)) })
        }
    }

    @Test("a pipe that nobody reads loses lines, never stops the writer, and the loss is counted in the log")
    func blockedPipe() async throws {
        let pipe = try Pipe()
        let destination = destination(LogOutput(descriptor: pipe.writeEnd), limitBytes: 20_000)
        let router = router(destination)
        let text = String(repeating: "x", count: 1000)
        // A pipe holds 64 kB: most of these cannot have been written.
        for number in 0..<1000 { router.write(level: .info, message: "\(number) \(text)", data: []) }
        destination.flush(limitMilliseconds: 1)
        let reading = pipe.startReading()
        destination.flush(limitMilliseconds: 1_000_000)
        router.write(level: .info, message: "after", data: [])
        destination.flush(limitMilliseconds: 1_000_000)
        close(pipe.writeEnd)
        let lines = await reading.all
        let written = lines.filter { $0.hasSuffix(text) }.count
        let warnings = lines.compactMap { line -> Int? in
            guard line.contains(" - warning: "),
                line.hasSuffix(" log lines were dropped because this destination was too slow")
            else { return nil }
            return line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
        }
        let dropped = warnings.reduce(0, +)
        #expect(dropped > 800)
        #expect(written + dropped == 1000)
        #expect(lines.last?.hasSuffix("info: after") == true)
    }

    /// A disk that takes so many bytes and no more.
    private final class Disk: Sendable {
        private let room: Mutex<Int>
        init(room: Int) { self.room = Mutex(room) }
        func makeRoom(_ count: Int) { room.withLock { $0 += count } }
        func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
            room.withLock { room in
                guard room > 0 else {
                    errno = ENOSPC
                    return -1
                }
                let written = Foundation.write(descriptor, bytes, min(count, room))
                room -= max(written, 0)
                return written
            }
        }
    }

    @Test(
        "a full disk costs lines, never a part of one, and how many is told when there is room again",
        arguments: [true, false])
    func fullDisk(isFile: Bool) async throws {
        let project = try TestProject(["a.log": ""])
        let pipe = try Pipe()
        let file = open(project.path("a.log"), O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(file) }
        let disk = Disk(room: 10 * 41 + 5)
        let output = LogOutput(descriptor: isFile ? file : pipe.writeEnd) { disk.write($0, $1, $2) }
        let destination = destination(output)
        let router = router(destination)
        let reading = pipe.startReading()
        // Lines of 41 bytes, 24 of them for the time: ten fit, and the beginning of one.
        for number in 10..<30 { router.write(level: .info, message: "line \(number)", data: []) }
        destination.flush(limitMilliseconds: 1_000_000)
        router.write(level: .info, message: "line 30", data: [])
        disk.makeRoom(1_000_000)
        destination.flush(limitMilliseconds: 1_000_000)
        close(pipe.writeEnd)
        let read = await reading.all
        let lines = isFile ? try project.read("a.log").split(separator: "\n").map(String.init) : read
        let whole = lines.filter { $0.contains(" - info: line ") && $0.count == lines[0].count }
        let told = lines.compactMap { line in
            line.firstMatch(of: /warning: (\d+) log lines were lost because the system did not take them/)
                .flatMap { Int($0.1) }
        }
        #expect(told.count == 1 && whole.count + (told.first ?? 0) == 21, "\(lines)")
        #expect(lines.last?.hasSuffix("line 30") == true)
        // A pipe cannot take back half a line, but nothing is glued to it.
        #expect(lines.count == whole.count + 1 + (isFile ? 0 : 1), "\(lines)")
    }

    @Test("large values count for what they take, so that the bound of the buffer holds")
    func largeValues() async throws {
        let pipe = try Pipe()
        let destination = destination(LogOutput(descriptor: pipe.writeEnd), limitBytes: 100_000)
        let router = router(destination)
        let large = JSON.string(String(repeating: "y", count: 60_000))
        for _ in 0..<10 { router.write(level: .info, message: "large", data: [("value", ["nested": [large]])]) }
        let reading = pipe.startReading()
        destination.flush(limitMilliseconds: 1_000_000)
        close(pipe.writeEnd)
        // Room counts as used until it has been written, so of ten at once only some fit.
        #expect(await reading.all.contains { $0.contains("log lines were dropped") })
    }

    @Test("a line that is too large for an idle destination is counted at once")
    func oversized() async throws {
        let project = try TestProject()
        let pipe = try Pipe()
        _ = project
        let router = router(destination(LogOutput(descriptor: pipe.writeEnd), limitBytes: 1024))
        router.write(level: .info, message: String(repeating: "z", count: 5000), data: [])
        // Without a flush: whoever reads gets the count.
        var byte: UInt8 = 0
        #expect(read(pipe.readEnd, &byte, 1) == 1)
        let reading = pipe.startReading()
        close(pipe.writeEnd)
        #expect(
            await reading.all.first?.hasSuffix("1 log lines were dropped because this destination was too slow") == true
        )
    }

    @Test("flushing does not wait for ever for a pipe that nobody reads")
    func flushLimit() async throws {
        let pipe = try Pipe()
        let destination = destination(LogOutput(descriptor: pipe.writeEnd))
        for _ in 0..<200 {
            router(destination).write(level: .info, message: String(repeating: "x", count: 1000), data: [])
        }
        destination.flush(limitMilliseconds: 10)
        let reading = pipe.startReading()
        destination.flush(limitMilliseconds: 1_000_000)
        close(pipe.writeEnd)
        #expect(await reading.all.count == 200)
    }

    @Test("after a rename, reopening writes to a new file; what was written before is in the old one")
    func reopening() throws {
        let project = try TestProject()
        let router = router(destination(try LogOutput(path: project.path("a.log"))))
        router.write(level: .info, message: "one", data: [])
        try FileManager.default.moveItem(atPath: project.path("a.log"), toPath: project.path("a.log.1"))
        router.reopen()
        router.flush()
        router.write(level: .info, message: "two", data: [])
        router.flush()
        #expect(try project.read("a.log.1").hasSuffix("info: one\n"))
        #expect(try project.read("a.log").hasSuffix("info: two\n"))
        #expect(try project.read("a.log").split(separator: "\n").count == 1)
    }

    @Test("what is written behind a reopening is in the new file, however soon it comes")
    func reopeningDivides() throws {
        let project = try TestProject()
        let router = router(destination(try LogOutput(path: project.path("a.log"))))
        for number in 1...20 {
            router.write(level: .info, message: "before \(number)", data: [])
            try FileManager.default.moveItem(atPath: project.path("a.log"), toPath: project.path("\(number).log"))
            router.reopen()
            router.write(level: .info, message: "after \(number)", data: [])
            router.flush()
            #expect(try project.read("\(number).log").hasSuffix("info: before \(number)\n"))
            #expect(try project.read("a.log").hasSuffix("info: after \(number)\n"))
        }
    }

    @Test("when the new file cannot be opened, lines go on into the old one")
    func reopeningFails() throws {
        let project = try TestProject()
        let router = router(destination(try LogOutput(path: project.path("a.log"))))
        router.write(level: .info, message: "one", data: [])
        router.flush()
        try FileManager.default.moveItem(atPath: project.path("a.log"), toPath: project.path("old"))
        try FileManager.default.createDirectory(atPath: project.path("a.log"), withIntermediateDirectories: false)
        router.reopen()
        router.write(level: .info, message: "two", data: [])
        router.flush()
        let lines = try project.read("old").split(separator: "\n")
        #expect(lines.count == 3)
        let problem =
            "cannot open the log file \(project.path("a.log")): Is a directory – lines go on to the file that was open"
        #expect(lines.contains { $0.hasSuffix("error: \(problem)") }, "\(lines)")
    }

    @Test("reopening makes the directory again that rotation has taken, for the group and nobody else")
    func reopeningMakesDirectory() throws {
        let project = try TestProject()
        let router = router(destination(try LogOutput(path: project.path("log/a.log"))))
        try project.remove("log")
        router.reopen()
        router.flush()
        router.write(level: .info, message: "two", data: [])
        router.flush()
        #expect(try project.read("log/a.log").hasSuffix("info: two\n"))
        var status = stat()
        #expect(stat(project.path("log"), &status) == 0 && status.st_mode & 0o777 == 0o750)
    }

    @Test("what may not be written to is not opened again, and another destination says why")
    func reopeningIsChecked() throws {
        struct NotOurs: Error, CustomStringConvertible { let description = "not ours" }
        let project = try TestProject(["elsewhere": "kept"])
        let path = project.path("a.log")
        let output = try LogOutput(path: path) { path in
            if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil { throw NotOurs() }
        }
        let other = destination(try LogOutput(path: project.path("b.log")))
        let router = router(destination(output), other)
        try FileManager.default.moveItem(atPath: path, toPath: project.path("old"))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "elsewhere")
        router.reopen()
        router.write(level: .info, message: "two", data: [])
        router.flush()
        router.flush()
        #expect(try project.read("elsewhere") == "kept")
        #expect(try project.read("old").contains("info: two\n"))
        #expect(try project.read("b.log").contains("error: not ours – lines go on to the file that was open"))
    }

    @Test("a pipe that nobody reads is refused and not waited for; one that is read takes lines")
    func pipes() throws {
        let project = try TestProject()
        #expect(mkfifo(project.path("pipe"), 0o600) == 0)
        #expect {
            try LogOutput(path: project.path("pipe"))
        } throws: {
            "\($0)".hasSuffix("pipe: it is a pipe or device that nobody reads")
        }
        let reader = open(project.path("pipe"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let router = router(destination(try LogOutput(path: project.path("pipe"))))
        router.write(level: .info, message: "one", data: [])
        router.flush()
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).hasSuffix("info: one\n"))
    }

    @Test("a file that cannot be opened is named with the reason")
    func cannotOpen() throws {
        let project = try TestProject(["file": ""])
        #expect {
            try LogOutput(path: project.path("file/a.log"))
        } throws: {
            "\($0)" == "cannot open the log file \(project.path("file/a.log")): Not a directory"
        }
    }

    @Test("lines are appended to a file that exists")
    func appending() throws {
        let project = try TestProject(["a.log": "earlier\n"])
        let router = router(destination(try LogOutput(path: project.path("a.log"))))
        router.write(level: .info, message: "later", data: [])
        router.flush()
        let lines = try project.read("a.log").split(separator: "\n")
        #expect(lines.first == "earlier" && lines.count == 2)
    }
}
