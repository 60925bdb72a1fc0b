// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
internal import Synchronization

/// How many descriptors this process may have open, and what the last of them are kept for.
///
/// The system hands out the lowest number that is free, so a number says how many are in use, and whoever gets one of the
/// last gives it back. Files go without first, then new connections; the log, Redis and what an application opens have
/// the rest.
package enum DescriptorLimit {
    /// What programs that this process starts are given; 0 as long as nothing has been raised.
    private static let original = Atomic<UInt>(0)
    /// A process that somebody allows millions is not to make its children look through all of them.
    private static let most: UInt = 1_048_576

    /// Takes as many as the system lets this process have.
    ///
    /// Shells and service managers begin with 1024, for the sake of programs that use `select`.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let before = UInt(limit.rlim_cur)
        let wanted = rlim_t(min(UInt(limit.rlim_max), most))
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        if setrlimit(resource, &limit) == 0 { original.store(before, ordering: .relaxed) }
    }

    /// Gives a program that this process has started the limit that this process began with.
    ///
    /// - Parameter process: Its number; 0 for this process, which is about to become another program.
    package static func restore(in process: Int32) {
        let before = original.load(ordering: .relaxed)
        if before > 0 { _ = hero_limit_descriptors(process, before) }
    }

    /// What the process may have now.
    package static var current: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        return Int(min(UInt(limit.rlim_cur), most))
    }

    /// Files that responses and uploads need have smaller numbers.
    package static var forFiles: Int { current - 2 * reserve(of: current) }
    /// Connections of clients have smaller numbers.
    package static var forConnections: Int { current - reserve(of: current) }

    static func reserve(of limit: Int) -> Int { min(max(limit / 16, 4), 64) }

    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
