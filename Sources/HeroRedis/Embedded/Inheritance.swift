// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A running server as one program of a process leaves it to the next.
struct Inheritance {
    let child: EmbeddedServer.Child
    /// The lock of the process that runs the server.
    let owner: Int32
    let guardian: ServerGuard

    init(child: EmbeddedServer.Child, owner: Int32, guardian: ServerGuard) {
        (self.child, self.owner, self.guardian) = (child, owner, guardian)
    }

    /// Takes it up; commands that this process starts must not.
    ///
    /// - Parameter environment: `nil` is the result when nothing was left there.
    init?(_ environment: [String: String]) {
        guard let text = environment[EmbeddedServer.variable] else { return nil }
        unsetenv(EmbeddedServer.variable)
        let numbers = text.split(separator: ",").compactMap { Int32($0) }
        guard numbers.count == 7 else { return nil }
        child = EmbeddedServer.Child(process: numbers[0], watch: numbers[1], output: numbers[2])
        owner = numbers[3]
        guardian = ServerGuard(reader: numbers[4], writer: numbers[5], process: numbers[6])
        guard descriptors.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { return nil }
    }

    var descriptors: [Int32] { [child.watch, child.output, owner] + guardian.descriptors }

    var text: String {
        [child.process, child.watch, child.output, owner, guardian.reader, guardian.writer, guardian.process]
            .map(String.init).joined(separator: ",")
    }
}
