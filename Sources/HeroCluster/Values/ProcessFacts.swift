// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What `/proc` says about a process.
enum ProcessFacts {
    /// Resident memory in megabytes; 0 when the process is gone.
    static func residentMegabytes(of pid: Int32) -> Int {
        let words = read("/proc/\(pid)/statm").split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1_048_576
    }

    /// Whether Swift's runtime handles a crash of the process, or has done so.
    ///
    /// The first thing that its handler does is to stop catching `SIGILL`. Programs that the process has started write their
    /// crashes to the same pipe, and it goes on.
    ///
    /// - Returns: Also true for a process that is gone, or whose runtime never caught anything.
    static func hasCrashed(_ pid: Int32) -> Bool {
        let lines = read("/proc/\(pid)/status").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("SigCgt:") }), let digits = line.split(separator: "\t").last,
            let caught = UInt64(digits, radix: 16)
        else { return true }
        return caught & 1 << UInt64(SIGILL - 1) == 0
    }

    /// Who holds a lock (flock(2)) on a file; best effort, since another file system may use the same number.
    static func holder(ofLockOnInode inode: UInt64) -> Int32? {
        for line in read("/proc/locks").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(":\(inode)") else { continue }
            if let pid = Int32(words[4]), pid > 0 { return pid }
        }
        return nil
    }

    /// Whether somebody has stopped the process, with `SIGSTOP` for example.
    static func isStopped(_ pid: Int32) -> Bool {
        read("/proc/\(pid)/status").split(separator: "\n").contains { $0.hasPrefix("State:\tT") }
    }

    /// How many processes of this machine the kernel has killed for want of memory; those of a container included.
    static var outOfMemoryKills: Int {
        let line = read("/proc/vmstat").split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        // One read gets a page at most, and these files are a few pages long.
        for _ in 0..<16 {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
