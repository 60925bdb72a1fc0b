// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import HeroSystem
internal import Synchronization

/// Compares files of the store with what they are called, all of them at each start.
enum StoredHashes {
    /// Three hundred small bundles take 20 ms on one core; below this number other threads are not worth their start.
    private static let enoughForThreads = 16
    private static let threads = 4

    /// - Parameter files: Paths with the SHA-256 that each should have.
    /// - Returns: The first one that has another.
    /// - Throws: ``FileError`` for one that cannot be read.
    static func firstChanged(_ files: [(path: String, sha256: String)]) throws(FileError) -> String? {
        guard files.count >= enoughForThreads else { return try firstChanged(files[...]) }
        let results = Mutex([Result<String?, FileError>?](repeating: nil, count: threads))
        DispatchQueue.concurrentPerform(iterations: threads) { number in
            let part = files[files.count * number / threads..<files.count * (number + 1) / threads]
            let result = Result { () throws(FileError) in try firstChanged(part) }
            results.withLock { $0[number] = result }
        }
        for result in results.withLock({ $0 }) {
            if let path = try result?.get() { return path }
        }
        return nil
    }

    private static func firstChanged(
        _ files: ArraySlice<(path: String, sha256: String)>
    ) throws(FileError) -> String? {
        for file in files where try !FileContents.hasHash(file.path, file.sha256) { return file.path }
        return nil
    }
}
