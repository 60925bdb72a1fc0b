// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    private var inUse: [FileName: InUse] = [:]
    /// When those that nobody sends any more are looked for.
    private var inUseLimit = 64

    private struct InUse {
        weak var file: FoundFile?
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
        let look = server.find(name, previous: cache.last(name) ?? inUse[name]?.file, on: eventLoop)
        guard isCaching else { return .later(look.map { $0.map { bound.value.shared(name, $0) } }) }
        looks[name] = look
        look.whenSuccess { bound.value.ended(name, $0, began: now) }
        return .later(look)
    }

    private func ended(_ name: FileName, _ result: StaticFileServer.Result, began: NIODeadline) {
        looks[name] = nil
        if case .failure(.unreadable(let code)) = result, Shortage(errno: code) == .files { cache.removeAll() }
        use(name, try? result.get())
        // As of when the look began: what changed during it is noticed as soon as what changes later.
        cache.store(name, try? result.get(), began)
        guard sweep == nil, cache.count > 0 else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(10), delay: .seconds(10)) { _ in
            bound.value.removeIdle()
        }
    }

    /// - Returns: What somebody is sending already, when that is the same file: looks that went on side by side have opened
    ///   it each for itself.
    private func shared(_ name: FileName, _ file: FoundFile) -> FoundFile {
        if let used = inUse[name]?.file, used.isSame(as: file) { return used }
        use(name, file)
        return file
    }

    private func use(_ name: FileName, _ file: FoundFile?) {
        // What is in memory may change within a tick of the clock without looking different.
        guard let file, file.weight.descriptors > 0 else { return }
        inUse[name] = InUse(file: file)
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
