// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The project's own directory, locked for as long as its master lives.
///
/// Pidfile and socket can be cleaned away from under a running cluster; the directory that it runs in cannot.
final class ProjectLock {
    /// -1 where the file system has no locks; pidfile and socket have to do then.
    private var descriptor: Int32
    private let isMissing: Bool

    /// For a master that gets its lock later.
    init() { (descriptor, isMissing) = (-1, true) }

    /// - Parameter projectRoot: A link is followed.
    /// - Throws: ``MasterFailure`` when another master holds it.
    init(_ projectRoot: String) throws(MasterFailure) {
        isMissing = false
        descriptor = open(projectRoot, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let isHeld = errno == EWOULDBLOCK
        var status = stat()
        fstat(descriptor, &status)
        close(descriptor)
        descriptor = -1
        guard isHeld else { return }
        let owner = ProcessFacts.holder(ofLockOnInode: UInt64(status.st_ino)).map { " (pid \($0))" } ?? ""
        throw MasterFailure(
            "actionHeroCluster already running in this project, under another title or without its pidfile\(owner)")
    }

    deinit { release() }

    /// Whether the lock is on what the path leads to now; also where there are no locks, or no project for a while.
    func isOn(_ projectRoot: String) -> Bool {
        var (own, named) = (stat(), stat())
        guard descriptor >= 0, fstat(descriptor, &own) == 0, stat(projectRoot, &named) == 0 else { return !isMissing }
        return own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }

    func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
