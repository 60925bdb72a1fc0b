// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Testing

@Suite("values and commands")
struct ValueTests {
    @Test("an error's code is its first word, and only the server's errors have one")
    func code() {
        #expect(RedisError(.refused, "WRONGTYPE Operation against a key").code == "WRONGTYPE")
        #expect(RedisError(.notSent, "no connection").code == "")
    }

    @Test("a command's words are bytes, whatever they were written as")
    func words() {
        let command = RedisCommand("set", "k\(1)", RedisArgument([0, 255]), 7)
        #expect(command.name == "SET")
        #expect(command.arguments == [Array("set".utf8), Array("k1".utf8), [0, 255], Array("7".utf8)])
    }
}
