// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import NIOCore

extension RESPValue {
    /// As a server sends it.
    var encoded: [UInt8] {
        switch self {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .status(let text): Array("+\(text)\r\n".utf8)
        case .error(let text): Array("-\(text)\r\n".utf8)
        case .bytes(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(\.encoded)
        }
    }

    static func random(_ random: inout SeededRandom, depth: Int = 0) -> RESPValue {
        switch random.next(below: depth < 4 ? 8 : 6) {
        case 0: .null
        case 1: .integer(Int(truncatingIfNeeded: random.next()) >> random.next(below: 63))
        case 2: .status(["OK", "", "QUEUED", "a\rb", "PONG"][random.next(below: 5)])
        case 3: .error(["ERR no", "", "READONLY You can't write"][random.next(below: 3)])
        case 4: .bytes((0..<random.next(below: 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case 5: .bytes(Array("\r\n$-1\r\n*2\r\n".utf8))
        default: .array((0..<random.next(below: 4)).map { _ in .random(&random, depth: depth + 1) })
        }
    }
}

extension RedisCodec {
    /// Everything that these slices bring.
    func read(_ slices: some Sequence<ArraySlice<UInt8>>) -> (values: [RESPValue], error: RedisProtocolError?) {
        var values: [RESPValue] = []
        do throws(RedisProtocolError) {
            for slice in slices {
                slice.withUnsafeBytes { feed($0) }
                while let value = try next() { values.append(value) }
            }
        } catch { return (values, error) }
        return (values, nil)
    }
}

extension [UInt8] {
    func sliced(_ random: inout SeededRandom, longest: Int) -> [ArraySlice<UInt8>] {
        var (slices, rest) = ([ArraySlice<UInt8>](), self[...])
        while !rest.isEmpty {
            let count = 1 + random.next(below: longest)
            slices.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return slices
    }

    /// Something small is wrong with it.
    func damaged(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = self
        for _ in 0...random.next(below: 3) {
            let index = random.next(below: bytes.count)
            switch random.next(below: 4) {
            case 0 where index < bytes.count: bytes.remove(at: index)
            case 1 where index < bytes.count: bytes[index] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes.insert(Array("+-:$*019\r\n".utf8)[random.next(below: 10)], at: index)
            default:
                let hostile = [
                    "*2147483647\r\n", "$9223372036854775807\r\n", "*-2\r\n", "$-2\r\n", ":01\r\n", "*1\r\n",
                ]
                bytes.insert(contentsOf: Array(hostile[random.next(below: hostile.count)].utf8), at: index)
            }
        }
        return bytes
    }
}
