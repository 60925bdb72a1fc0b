// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import HeroSystem
import Synchronization

/// Bounds what a process may take that looks at files which nobody vouches for, so that neither the machine nor whoever
/// waits for the process suffers from them.
final class ProcessLimits: Sendable {
    /// Until the configuration is read, which is such a file itself.
    private static let firstMemoryBytes = 1 << 30
    private static let firstMilliseconds = 60_000

    private let start = DispatchTime.now()
    /// Milliseconds after `start`.
    private let limit = Mutex(firstMilliseconds)
    private let expire: @Sendable (String) -> Void

    private init(_ expire: @escaping @Sendable (String) -> Void) {
        self.expire = expire
    }

    /// Limits this process's memory and time to what looking at bundles takes.
    ///
    /// - Parameter expire: Called on another thread when the time is over, with a sentence that says so; has to end the
    ///   process.
    /// - Returns: The limits, to be changed when the configuration is known.
    static func begin(_ expire: @escaping @Sendable (String) -> Void) -> ProcessLimits {
        let limits = ProcessLimits(expire)
        offerToTheKernel()
        limitMemory(firstMemoryBytes)
        limits.wait(firstMilliseconds)
        return limits
    }

    func set(memoryBytes: Int, milliseconds: Int) {
        Self.limitMemory(memoryBytes)
        limit.withLock { $0 = milliseconds }
        wait(milliseconds)
    }

    private func wait(_ milliseconds: Int) {
        DispatchQueue.global().asyncAfter(deadline: start + .milliseconds(milliseconds)) { [self] in
            // Another limit has been set meanwhile, and has a timer of its own.
            guard limit.withLock({ $0 }) == milliseconds else { return }
            expire(
                "the check of the files was given up after \(milliseconds) ms (general.bundles.checkTimeout)")
        }
    }

    /// Limits the memory that this process may write to; files that it maps count not.
    ///
    /// The kernel refuses what goes beyond, which ends the process.
    static func limitMemory(_ bytes: Int) { setMemoryLimit(rlim_t(bytes)) }

    /// Takes the limit away: the process is one of those that serve now.
    static func freeMemory() {
        var limit = rlimit()
        guard getrlimit(dataLimit, &limit) == 0 else { return }
        setMemoryLimit(limit.rlim_max)
    }

    private static let dataLimit = __rlimit_resource_t(RLIMIT_DATA.rawValue)

    /// The limit that may not be exceeded stays what it is, so that this one can be taken away again.
    private static func setMemoryLimit(_ bytes: rlim_t) {
        var limit = rlimit()
        guard getrlimit(dataLimit, &limit) == 0 else { return }
        limit.rlim_cur = min(bytes, limit.rlim_max)
        setrlimit(dataLimit, &limit)
    }

    /// Makes this process the first that the kernel ends when the machine has no memory left; where the kernel does not let
    /// it say so, it ends what it likes.
    ///
    /// Not for a process that is going to serve: programs that it starts would be the first as well.
    private static func offerToTheKernel() {
        let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, "500", 3)
        close(descriptor)
    }

    /// Bytes; of the container where there is one.
    static var halfOfTheMachine: Int {
        var bytes = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        if let contents = try? FileContents.read("/sys/fs/cgroup/memory.max", limit: 4096) {
            let text = String(decoding: contents.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            if let container = Int(text) { bytes = min(bytes, container) }
        }
        return max(bytes / 2, 128 << 20)
    }
}
