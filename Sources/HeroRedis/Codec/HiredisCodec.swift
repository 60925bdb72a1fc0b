// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHiredis
package import NIOCore

/// The reader of the system's hiredis; the only file that knows it.
///
/// The reader's callbacks build Swift's values; what they return to it only says that they have: the values belong to
/// the builder, so nothing is left to be freed on any path.
package final class HiredisCodec: RedisCodec {
    /// Kept between replies; a larger one is freed when it is empty.
    ///
    /// The library's own 16 KiB would be made anew for each
    /// large reply.
    private static let keptBufferBytes = 1 << 20
    /// A length, the most that is looked through again when more arrives.
    private static let longestHeader = 32

    /// What callbacks get to see; a class, since the reader keeps its address.
    private final class Target {
        var builder: ReplyBuilder
        init(_ limit: Int) { builder = ReplyBuilder(limit: limit) }
    }

    private let reader: UnsafeMutablePointer<redisReader>?
    private let target: Target
    private let limits: RedisReplyLimits
    private var failure: RedisProtocolError?
    /// Bytes fed since the last reply ended.
    private var unfinishedBytes = 0

    package init(limits: RedisReplyLimits = RedisReplyLimits()) {
        self.limits = limits
        target = Target(limits.values)
        reader = redisReaderCreateWithFunctions(Self.functions)
        reader?.pointee.privdata = Unmanaged.passUnretained(target).toOpaque()
        reader?.pointee.maxbuf = Self.keptBufferBytes
        if reader == nil { failure = RedisProtocolError("there is no memory for a reader of replies") }
    }

    deinit { if let reader { redisReaderFree(reader) } }

    package func encode(_ arguments: [[UInt8]], into buffer: inout ByteBuffer) {
        // The library's formatter would allocate, and want all arguments copied first.
        buffer.writeRedisCommand(arguments)
    }

    package func feed(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil, let reader, !bytes.isEmpty else { return }
        unfinishedBytes += bytes.count
        if redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) != REDIS_OK {
            failure = error(of: reader)
        }
    }

    package func next() throws(RedisProtocolError) -> RESPValue? {
        if let failure { throw failure }
        guard let reader else { return nil }
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw fail(error(of: reader)) }
        guard object != nil else {
            if let excess = excess(of: reader) { throw fail(excess) }
            return nil
        }
        // What is left in the reader belongs to later replies.
        unfinishedBytes = reader.pointee.len - reader.pointee.pos
        guard let value = target.builder.take() else {
            throw fail(RedisProtocolError("the reader of replies lost one"))
        }
        return value
    }

    private func fail(_ error: RedisProtocolError) -> RedisProtocolError {
        failure = error
        return error
    }

    /// The limit that a reply has passed before its end; `nil` when it has not.
    private func excess(of reader: UnsafeMutablePointer<redisReader>) -> RedisProtocolError? {
        guard unfinishedBytes <= limits.bytes else {
            return RedisProtocolError("a reply is longer than \(limits.bytes) bytes")
        }
        let (position, end) = (reader.pointee.pos, reader.pointee.len)
        guard end - position > limits.lineBytes, let bytes = reader.pointee.buf else { return nil }
        // The library looks for the end of a line from its beginning each time.
        if isReadingString(reader) {
            let header = UnsafeBufferPointer(start: bytes + position, count: Self.longestHeader)
            if header.contains(CChar(UInt8(ascii: "\n"))) { return nil }
        }
        return RedisProtocolError("a line is longer than \(limits.lineBytes) bytes")
    }

    private func isReadingString(_ reader: UnsafeMutablePointer<redisReader>) -> Bool {
        let depth = Int(reader.pointee.ridx)
        return withUnsafeBytes(of: &reader.pointee.rstack) { stack in
            let tasks = stack.bindMemory(to: redisReadTask.self)
            return tasks.indices.contains(depth) && tasks[depth].type == REDIS_REPLY_STRING
        }
    }

    private func error(of reader: UnsafeMutablePointer<redisReader>) -> RedisProtocolError {
        // The only callbacks that fail are those that find a limit exceeded.
        guard reader.pointee.err != REDIS_ERR_OOM else {
            return RedisProtocolError("a reply has more than \(limits.values) values, or memory is short")
        }
        return withUnsafeBytes(of: &reader.pointee.errstr) { text in
            RedisProtocolError(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

// What the reader calls.
extension HiredisCodec {
    private typealias Task = UnsafePointer<redisReadTask>

    /// Never freed: readers refer to it.
    nonisolated(unsafe) private static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, bytes, count in
                    HiredisCodec.add(task) { HiredisCodec.text($0.pointee.type, bytes, count) }
                },
                createArray: { task, count in
                    guard let task, let target = task.pointee.privdata else { return nil }
                    let isKept = HiredisCodec.target(target).builder.beginArray(Int(count))
                    return isKept ? target : nil
                },
                createInteger: { task, number in HiredisCodec.add(task) { _ in .integer(Int(number)) } },
                createNil: { task in HiredisCodec.add(task) { _ in .null } },
                freeObject: { _ in }))
        return functions
    }()

    private static func target(_ pointer: UnsafeMutableRawPointer) -> Target {
        Unmanaged<Target>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// - Returns: `nil` for "no memory", anything else for success.
    private static func add(_ task: Task?, _ value: (Task) -> RESPValue) -> UnsafeMutableRawPointer? {
        guard let task, let target = task.pointee.privdata else { return nil }
        return Self.target(target).builder.append(value(task)) ? target : nil
    }

    private static func text(_ type: Int32, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> RESPValue {
        let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
        return switch type {
        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
        default: .bytes([UInt8](bytes))
        }
    }
}
