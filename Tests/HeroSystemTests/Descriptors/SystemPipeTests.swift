// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroSystem
import Testing

@Suite("a pipe")
struct SystemPipeTests {
    private func waits(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0 }

    @Test(
        "lets those ends wait that are to, and is closed on exec",
        arguments: [(SystemPipe.Waiting.both, true, true), (.reader, true, false), (.neither, false, false)])
    func ends(waiting: SystemPipe.Waiting, reader: Bool, writer: Bool) throws {
        let pipe = try #require(SystemPipe(waiting: waiting))
        defer { pipe.close() }
        #expect(waits(pipe.reader) == reader)
        #expect(waits(pipe.writer) == writer)
        for descriptor in [pipe.reader, pipe.writer] { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        #expect(write(pipe.writer, "x", 1) == 1)
        var byte: UInt8 = 0
        #expect(read(pipe.reader, &byte, 1) == 1 && byte == UInt8(ascii: "x"))
    }
}
