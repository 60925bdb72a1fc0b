// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The bytes of a file of jobs that wait for Redis.
///
/// After a first line come records, each `<length><checksum><kind><content>`: both numbers have four bytes, the least
/// significant first; the length counts what follows the checksum, of which that is the first part of a SHA-1. What a process
/// that was killed had not finished is the last record at most.
enum KeptLog {
    enum Record: Sendable, Hashable {
        case job([UInt8])
        /// So many jobs, from the beginning of the file, are in Redis.
        case delivered(Int)
    }

    /// What was found in a file.
    struct Reading: Sendable, Hashable {
        /// Those that are not in Redis, in their order.
        var jobs: [[UInt8]] = []
        /// All that the file has.
        var total = 0
        /// Bytes that make sense; what follows has not been accepted.
        var length = 0
        /// A record is whole and is not what was written: the disk has changed it, and nobody knows what follows.
        var isDamaged = false
    }

    static let head = Array("hero-kept 1\n".utf8)
    private static let frame = 8

    static func bytes(of record: Record) -> [UInt8] {
        let body: [UInt8] =
            switch record {
            case .job(let bytes): [UInt8(ascii: "j")] + bytes
            case .delivered(let count): [UInt8(ascii: "d")] + Array(String(count).utf8)
            }
        return word(UInt32(truncatingIfNeeded: body.count)) + word(checksum(body)) + body
    }

    static func read(_ bytes: [UInt8]) -> Reading {
        var reading = Reading()
        guard bytes.starts(with: head) else {
            reading.isDamaged = !head.starts(with: bytes)
            return reading
        }
        var (position, delivered) = (head.count, 0)
        reading.length = position
        while bytes.count - position > frame {
            let length = Int(number(bytes, position))
            guard length > 0, length <= bytes.count - position - frame else { break }
            let body = bytes[(position + frame)..<(position + frame + length)]
            guard checksum(Array(body)) == number(bytes, position + 4) else {
                reading.isDamaged = true
                break
            }
            switch body.first {
            case UInt8(ascii: "j"):
                reading.jobs.append(Array(body.dropFirst()))
                reading.total += 1
            case UInt8(ascii: "d"):
                delivered = max(delivered, Int(String(decoding: body.dropFirst(), as: UTF8.self)) ?? 0)
            default: break
            }
            position += frame + length
            reading.length = position
        }
        reading.jobs.removeFirst(min(delivered, reading.jobs.count))
        return reading
    }

    private static func checksum(_ body: [UInt8]) -> UInt32 {
        UInt32(SHA1.hexadecimal(body).prefix(8), radix: 16) ?? 0
    }

    private static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
    }

    private static func number(_ bytes: [UInt8], _ position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << (8 * UInt32($1)) }
    }
}
