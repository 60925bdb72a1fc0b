// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore

/// Finds files for the connections of one event loop: in memory, or on a thread.
final class FileFinder {
    let server: StaticFileServer
    private let cache: FileCache
    private let eventLoop: any EventLoop
    private let isCaching: Bool
    /// Looks that are under way; who wants the same meanwhile waits for the same.
    private var looks: [FileName: EventLoopFuture<StaticFileServer.Result>] = [:]
    private var sweep: RepeatedTask?
    /// Open files that somebody is still sending, whether or not they are kept: who wants the same shares them.
    private var inUse: [OpenedFile.Identity: InUse] = [:]
    /// When those that nobody sends any more are looked for.
    private var inUseLimit = 64

    private struct InUse {
        weak var file: OpenedFile?
    }

    enum Answer {
        case now(StaticFileServer.Result)
        /// Does not fail.
        case later(EventLoopFuture<StaticFileServer.Result>)
    }

    init(_ server: StaticFileServer, _ limits: FileCache.Limits, on eventLoop: any EventLoop) {
        self.server = server
        self.eventLoop = eventLoop
        cache = FileCache(limits)
        isCaching = limits.validity > .zero
    }

    /// - Parameter name: `nil` for one that cannot be found.
    /// - Returns: The file, at once if it was looked for not long ago.
    func find(_ name: FileName?) -> Answer {
        guard let name else { return .now(.failure(.missing)) }
        let now = eventLoop.now
        if let file = cache.fresh(name, now) { return .now(.success(file)) }
        // Without a cache each request sees what is there when it comes, and not what one before has begun to look for.
        if isCaching, let look = looks[name] { return .later(look) }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let look = server.find(name, previous: cache.last(name), on: eventLoop).map { result in
            result.map { bound.value.sharing($0) }
        }
        guard isCaching else { return .later(look) }
        looks[name] = look
        look.whenSuccess { bound.value.ended(name, $0, began: now) }
        return .later(look)
    }

    private func ended(_ name: FileName, _ result: StaticFileServer.Result, began: NIODeadline) {
        looks[name] = nil
        if case .failure(.unreadable(let code)) = result, Shortage(errno: code) == .files { cache.removeAll() }
        // As of when the look began: what changed during it is noticed as soon as what changes later.
        cache.store(name, try? result.get(), began)
        guard sweep == nil, cache.count > 0 else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(10), delay: .seconds(10)) { _ in
            bound.value.removeIdle()
        }
    }

    /// Looks that go on side by side, or after what was kept has gone, have opened a file each for itself.
    ///
    /// - Returns: The file with the descriptors that somebody is sending from already.
    private func sharing(_ file: FoundFile) -> FoundFile {
        // What is in memory may change within a tick of the clock without looking different.
        guard file.weight.descriptors > 0 else { return file }
        return file.replacing { opened in
            guard opened.holdsDescriptor else { return opened }
            if let used = inUse[opened.identity]?.file, used.path.isSame(as: opened.path) { return used }
            use(opened)
            return opened
        }
    }

    private func use(_ file: OpenedFile) {
        inUse[file.identity] = InUse(file: file)
        guard inUse.count > inUseLimit else { return }
        inUse = inUse.filter { $0.value.file != nil }
        inUseLimit = max(64, 2 * inUse.count)
    }

    private func removeIdle() {
        cache.removeIdle(eventLoop.now)
        guard cache.count == 0 else { return }
        sweep?.cancel()
        sweep = nil
    }
}
