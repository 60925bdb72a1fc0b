// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Why bytes are no job that can be run.
package struct MalformedJob: Error, Sendable, Hashable, CustomStringConvertible {
    /// A full sentence without its point.
    package let reason: String

    package init(reason: String) { self.reason = reason }

    package var description: String { reason }
}

extension JobPayload {
    /// Values that nest deeper are refused: what reads a job should never run out of stack.
    ///
    /// Ruby reads a hundred levels, and in an entry of `failed` a job is one level deeper: one entry that it cannot read hides
    /// all others from it.
    package static let deepest = 99
    /// The most bytes of a job: it is read on the event loop, and its neighbours wait for it.
    package static let mostBytes = 16 << 20

    /// Reads a job.
    ///
    /// - Parameter bytes: As they were in a queue.
    /// - Throws: ``MalformedJob``.
    package init(reading bytes: [UInt8]) throws(MalformedJob) {
        try Self.checkSize(bytes)
        let json: JSON
        do {
            json = try bytes.withUnsafeBytes {
                try JSON(parsing: $0, limits: JSONLimits(depth: Self.deepest, values: Int.max))
            }
        } catch {
            throw MalformedJob(reason: "The job is not JSON: \(error)")
        }
        guard let object = json.objectValue else { throw MalformedJob(reason: "The job is no object of JSON") }
        guard let task = object["class"]?.stringValue else {
            throw MalformedJob(reason: "The job has no class that is a text")
        }
        let queue = object["queue"]
        guard queue == nil || queue?.isNull == true || queue?.stringValue != nil else {
            throw MalformedJob(reason: "The queue of the job is no text")
        }
        guard let arguments = object["args"]?.arrayValue else {
            throw MalformedJob(reason: "The job has no args that are an array")
        }
        guard Self.members(of: json) == Self.colons(in: bytes) else {
            throw MalformedJob(reason: "The job has two members with one name in one object")
        }
        try Self.checkNumbers(.array(arguments))
        self.init(task: task, queue: queue?.stringValue, arguments: arguments)
    }

    /// Refuses what other programs would read as something else, before it is enqueued.
    ///
    /// - Throws: ``MalformedJob``.
    package func check() throws(MalformedJob) {
        try Self.checkNumbers(.array(arguments))
        // Around the arguments there is the object of the job.
        guard Self.depth(of: .array(arguments)) < Self.deepest else {
            throw MalformedJob(reason: "The inputs nest deeper than \(Self.deepest - 2) levels")
        }
    }

    /// As it is enqueued.
    ///
    /// - Throws: ``MalformedJob`` for what other programs, or we, could not read.
    func checkedBytes() throws(MalformedJob) -> [UInt8] {
        try check()
        let bytes = bytes
        try Self.checkSize(bytes)
        return bytes
    }

    private static func checkSize(_ bytes: [UInt8]) throws(MalformedJob) {
        guard bytes.count <= mostBytes else {
            throw MalformedJob(
                reason:
                    "The job has \(bytes.count) bytes, and at most \(mostBytes) are read: keep what is large elsewhere")
        }
    }

    private static func checkNumbers(_ value: JSON) throws(MalformedJob) {
        switch value {
        case .array(let elements): for element in elements { try checkNumbers(element) }
        case .integer(let number) where number.magnitude > 1 << 53: throw tooLarge(String(number))
        case .object:
            if let members = value.objectValue {
                for (_, member) in members { try checkNumbers(member) }
            } else if let text = value.numberLiteral, !text.utf8.contains(where: { ".eE".utf8.contains($0) }) {
                throw tooLarge(text)
            }
        case .null, .bool, .integer, .number, .string: break
        }
    }

    private static func tooLarge(_ number: String) -> MalformedJob {
        MalformedJob(
            reason:
                "The job has the whole number \(number), which is beyond 2^53 and would be another one for programs "
                + "in JavaScript: pass it as a text")
    }

    private static func depth(of value: JSON) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.lazy.map { depth(of: $0) }.max() ?? 0)
        case .object: 1 + (value.objectValue?.lazy.map { depth(of: $0.value) }.max() ?? 0)
        case .null, .bool, .integer, .number, .string: 0
        }
    }

    /// Of two members with one name only one is left in a parsed object.
    private static func members(of value: JSON) -> Int {
        switch value {
        case .array(let elements): elements.reduce(0) { $0 + members(of: $1) }
        case .object: (value.objectValue ?? [:]).reduce(0) { $0 + 1 + members(of: $1.value) }
        case .null, .bool, .integer, .number, .string: 0
        }
    }

    /// Outside of strings JSON has one colon for each member.
    private static func colons(in bytes: [UInt8]) -> Int {
        var (count, isInString, isEscaped) = (0, false, false)
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: ":") {
                count += 1
            }
        }
        return count
    }
}
