// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import NIOCore

/// RESP read a second way: by recursion over all bytes so far, which is slow and easy to believe.
final class OracleCodec: RedisCodec {
    private enum Found {
        case value(RESPValue, rest: ArraySlice<UInt8>)
        case incomplete
        case wrong(String)
    }

    private var bytes: ArraySlice<UInt8> = []
    private var failure: RedisProtocolError?

    func encode(_ arguments: [[UInt8]], into buffer: inout ByteBuffer) {
        var all = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments { all += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10] }
        buffer.writeBytes(all)
    }

    func feed(_ bytes: UnsafeRawBufferPointer) { self.bytes += Array(bytes) }

    func next() throws(RedisProtocolError) -> RESPValue? {
        if let failure { throw failure }
        switch Self.value(bytes, depth: 0) {
        case .incomplete: return nil
        case .wrong(let reason):
            failure = RedisProtocolError(reason)
            throw RedisProtocolError(reason)
        case .value(let value, let rest):
            bytes = rest
            return value
        }
    }

    private static func value(_ bytes: ArraySlice<UInt8>, depth: Int) -> Found {
        guard let mark = bytes.first else { return .incomplete }
        guard "+-:$*".utf8.contains(mark) else { return .wrong("type") }
        if mark == UInt8(ascii: "*"), depth == 8 { return .wrong("depth") }
        guard let (line, rest) = line(bytes.dropFirst()) else { return .incomplete }
        switch mark {
        case UInt8(ascii: "+"): return .value(.status(String(decoding: line, as: UTF8.self)), rest: rest)
        case UInt8(ascii: "-"): return .value(.error(String(decoding: line, as: UTF8.self)), rest: rest)
        default:
            guard let number = number(line) else { return .wrong("number") }
            if mark == UInt8(ascii: ":") { return .value(.integer(number), rest: rest) }
            guard number >= -1 else { return .wrong("range") }
            if number == -1 { return .value(.null, rest: rest) }
            return mark == UInt8(ascii: "*") ? array(number, rest, depth) : string(number, rest)
        }
    }

    /// What stands where the end of the line should be is skipped unseen, as hiredis does.
    private static func string(_ count: Int, _ bytes: ArraySlice<UInt8>) -> Found {
        guard bytes.count >= 2, count <= bytes.count - 2 else { return .incomplete }
        return .value(.bytes(Array(bytes.prefix(count))), rest: bytes.dropFirst(count + 2))
    }

    private static func array(_ count: Int, _ bytes: ArraySlice<UInt8>, _ depth: Int) -> Found {
        guard count < RedisReplyLimits().values else { return .wrong("count") }
        var (elements, rest) = ([RESPValue](), bytes)
        for _ in 0..<count {
            guard case .value(let element, let next) = value(rest, depth: depth + 1) else {
                return value(rest, depth: depth + 1)
            }
            elements.append(element)
            rest = next
        }
        return .value(.array(elements), rest: rest)
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        for index in bytes.indices.dropLast() where bytes[index] == 13 && bytes[index + 1] == 10 {
            return (bytes[..<index], bytes[(index + 2)...])
        }
        return nil
    }

    /// No sign but a minus, no zeros in front.
    private static func number(_ line: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: line, as: UTF8.self)
        return Int(text).flatMap { String($0) == text ? $0 : nil }
    }
}
