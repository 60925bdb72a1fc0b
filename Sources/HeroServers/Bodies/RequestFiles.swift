// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Dispatch
internal import HeroLog
internal import HeroRuntime
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The uploads of one request.
///
/// Whoever still needs the request keeps this, and the files go with the last of them: when the response has been
/// written, when the client has gone and its action has ended, when the body was refused.
final class RequestFiles: Sendable {
    private let spool: UploadSpool
    private let state = Mutex(State())

    private struct State {
        var files: [SpooledFile] = []
        var uploads: [UploadedFile] = []
    }

    init(_ spool: UploadSpool) {
        self.spool = spool
    }

    deinit {
        let files = state.withLock { $0.files }
        guard !files.isEmpty else { return }
        // Never from here: work that waits for the threads when they are stopped is destroyed while their lock is held, and
        // with it this, which must not ask for that lock. When they have been stopped, Dispatch's thread removes the files.
        DispatchQueue.global(qos: .utility).async { [pool = spool.threadPool] in
            pool.submit { _ in for file in files { file.remove() } }
        }
    }

    /// The files as actions see them, in the order in which they came.
    var uploads: [UploadedFile] { state.withLock { $0.uploads } }

    func add(_ file: SpooledFile) { state.withLock { $0.files.append(file) } }

    /// Makes a finished file known to the action.
    ///
    /// - Returns: `nil` when the file has not been written.
    func publish(_ file: SpooledFile, _ part: MultipartPartHead) -> UploadedFile? {
        guard let summary = file.summary else { return nil }
        let upload = UploadedFile(
            UploadedFile.Record(
                fieldName: part.name, path: summary.path, name: summary.name, size: summary.size,
                originalName: part.fileName.flatMap { $0.isEmpty ? nil : $0 }, contentType: part.contentType,
                modified: summary.modified, hash: summary.hash, threads: FileThreads(pool: spool.threadPool)))
        state.withLock { $0.uploads.append(upload) }
        return upload
    }

    private struct FileThreads: UploadedFile.Threads {
        let pool: NIOThreadPool

        func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
            try await pool.runIfActive(work)
        }
    }
}
