// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
internal import HeroSystem

/// Signals of the master as bytes in a pipe, where its loop finds them among everything else.
struct SignalPipe {
    let reader: Int32

    /// - Throws: ``MasterFailure``.
    init() throws {
        guard let pipe = SystemPipe(waiting: .neither) else { throw MasterFailure("cannot make a pipe for signals") }
        reader = pipe.reader
        let caught = Self.caught
        let code = hero_catch_signals(caught, caught.count, pipe.writer)
        guard code == 0 else { throw MasterFailure("cannot catch signals: \(String(cString: strerror(code)))") }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Each signal once, however often it has come, but those that count.
    func read() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(reader, $0.baseAddress, $0.count) }
        guard count > 0 else { return [] }
        return bytes[..<count].flatMap { byte in
            let number = Int32(byte)
            let times = Int(hero_take_signal(number))
            return Array(repeating: number, count: Self.counted.contains(number) ? min(times, 256) : 1)
        }
    }

    /// Each of these starts or ends one worker.
    private static let counted = [SIGTTIN, SIGTTOU]

    /// What a new executable must not be ended by before it listens itself.
    static let caught = Array(meanings.keys) + [SIGCHLD]

    static func meaning(of number: Int32) -> ClusterSignal? { meanings[number] }

    private static let meanings: [Int32: ClusterSignal] = [
        SIGTERM: .terminate, SIGINT: .interrupt, SIGQUIT: .quit, SIGHUP: .hangUp, SIGUSR1: .user1, SIGUSR2: .user2,
        SIGTTIN: .increase, SIGTTOU: .decrease, SIGWINCH: .windowChange, hero_upgrade_signal(): .upgrade,
    ]
}
