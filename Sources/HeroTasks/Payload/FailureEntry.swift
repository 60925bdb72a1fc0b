// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroSystem

/// An entry of `failed`, in node-resque's order.
package struct FailureEntry: Sendable {
    package var worker: String
    package var queue: String
    /// As it was in the queue.
    package var payload: [UInt8]
    /// The name of the error's type.
    package var exception: String
    package var message: String
    package var backtrace: [String]?
    package var time: WallTime

    package init(
        worker: String, queue: String, payload: [UInt8], exception: String, message: String,
        backtrace: [String]? = nil, time: WallTime
    ) {
        self.worker = worker
        self.queue = queue
        self.payload = payload
        self.exception = exception
        self.message = message
        self.backtrace = backtrace
        self.time = time
    }

    package var bytes: [UInt8] {
        var writer = JSONWriter(indent: nil, capacity: payload.count + 512)
        writer.beginObject()
        writer.write(name: "worker", isFirst: true)
        writer.write(worker)
        writer.write(name: "queue", isFirst: false)
        writer.write(queue)
        writer.write(name: "payload", isFirst: false)
        writer.bytes += Self.embedded(payload)
        writer.write(name: "exception", isFirst: false)
        writer.write(exception)
        writer.write(name: "error", isFirst: false)
        writer.write(message)
        writer.write(name: "backtrace", isFirst: false)
        writer.write(backtrace.map { JSON.array($0.map { .string($0) }) } ?? .null)
        writer.write(name: "failed_at", isFirst: false)
        writer.write(JavaScriptDate.text(time))
        writer.endObject(isEmpty: false)
        return writer.bytes
    }

    /// A job as a part of other JSON: its own bytes, or a text of them where they are no job.
    ///
    /// Bytes that are no UTF-8 stay as they are, so that nothing is lost; who reads such an entry may have to be lenient.
    package static func embedded(_ payload: [UInt8]) -> [UInt8] {
        if (try? JobPayload(reading: payload)) != nil { return payload }
        let quoted = Self.text(payload)
        // Each byte may become six. The dead set has all of it.
        return quoted.count <= mostBytes ? quoted : Self.text(payload.prefix(1024) + Array("...".utf8))
    }

    /// A longer text is not put into an entry, which could not be read again.
    private static let mostBytes = 24 << 20

    private static func text(_ payload: [UInt8]) -> [UInt8] {
        var text = [UInt8(ascii: "\"")]
        text.reserveCapacity(payload.count + 16)
        let digits = Array("0123456789abcdef".utf8)
        // By pieces: what is no job may be of any size.
        payload.withUnsafeBufferPointer { payload in
            var rest = payload[...]
            while let index = rest.firstIndex(where: {
                $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
            }) {
                text += rest[..<index]
                let byte = rest[index]
                if byte < 0x20 {
                    text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                } else {
                    text += [UInt8(ascii: "\\"), byte]
                }
                rest = rest[(index + 1)...]
            }
            text += rest
        }
        text.append(UInt8(ascii: "\""))
        return text
    }
}
