// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

extension CacheService {
    func dumpWrite(_ file: String) async throws -> Int {
        let names = try await keys("")
        var object = JSON.Object()
        for (name, value) in zip(names, try await store.get(names)) {
            // Gone since the names were read.
            guard let value else { continue }
            object[name] = .string(String(decoding: value, as: UTF8.self))
        }
        let (path, text) = (ProjectPath.absolute(file, in: settings.projectRoot), JSON.object(object).description)
        try await DetachedThread.run { try FileContents.replace(path, with: text.utf8, mode: 0o600) }
        return object.count
    }

    func dumpRead(_ file: String) async throws -> Int {
        let path = ProjectPath.absolute(file, in: settings.projectRoot)
        // As large as the cache was; whoever calls this has named the file.
        let bytes = try await DetachedThread.run { try FileContents.read(path, limit: 2 << 30) }
        guard let object = try? JSON(parsing: bytes).objectValue else {
            throw CacheError(.unreadable, "\(path) is no dump of a cache: it holds no JSON object")
        }
        let entries = try object.map { name, value -> (key: String, value: [UInt8]) in
            guard name.utf8.starts(with: settings.cachePrefix.utf8), let text = value.stringValue else {
                throw CacheError(
                    .unreadable, "\(path) is no dump of this cache: \(name) is not a text below \(settings.cachePrefix)"
                )
            }
            return (name, Array(text.utf8))
        }
        _ = try await clear()
        try await store.set(entries)
        return entries.count
    }
}

extension DetachedThread {
    /// Runs what blocks, such as reading a file, without blocking the caller's thread.
    ///
    /// - Returns: What the body returns; on the caller's thread when the system has no thread to give.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let work: @Sendable () -> Void = { continuation.resume(with: Swift.Result { try body() }) }
            if !start(work) { work() }
        }
    }
}
