// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem
internal import NIOCore
internal import Synchronization

/// One upload on its way to the disk.
///
/// Everything that touches the disk blocks, and is called by one piece of work after the other.
final class SpooledFile: Sendable {
    struct Summary: Sendable {
        let path: String
        let name: String
        var size = 0
        var modified: String?
        var hash: String?
    }

    private struct State {
        var descriptor: Int32 = -1
        var summary: Summary?
        var digest: StreamDigest?
    }

    private let suffix: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - suffix: Put behind the file's name.
    ///   - algorithm: Of the digest; `nil` for none.
    init(suffix: String, _ algorithm: FormOptions.HashAlgorithm?) {
        self.suffix = suffix
        state = Mutex(State(digest: algorithm.map { StreamDigest($0) }))
    }

    /// Path, size and digest of the file when everything has been written; `nil` before there is a file.
    var summary: Summary? { state.withLock { $0.summary } }

    /// - Throws: ``UploadDirectory/Failure``.
    func create(in directory: UploadDirectory) throws(UploadDirectory.Failure) {
        let file = try directory.makeFile(suffix: suffix)
        state.withLock { state in
            state.descriptor = file.descriptor
            state.summary = Summary(path: file.path, name: file.name)
        }
    }

    /// - Throws: ``UploadDirectory/Failure``, for example when the disk is full.
    func write(_ bytes: ByteBuffer) throws(UploadDirectory.Failure) {
        try state.withLock { state throws(UploadDirectory.Failure) in
            let (descriptor, view) = (state.descriptor, bytes.readableBytesView)
            let code = view.withUnsafeBytes { Self.writeAll($0, to: descriptor) }
            if code != 0 { throw UploadDirectory.Failure(code: code) }
            view.withUnsafeBytes { state.digest?.update($0) }
            state.summary?.size += view.count
        }
    }

    /// - Returns: 0, or what went wrong.
    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return errno }
        }
        return 0
    }

    /// - Throws: ``UploadDirectory/Failure`` when the file system has not taken everything after all.
    func finish() throws(UploadDirectory.Failure) {
        try state.withLock { state throws(UploadDirectory.Failure) in
            var status = stat()
            if fstat(state.descriptor, &status) == 0 {
                let time = status.st_mtim
                state.summary?.modified = WallTime(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000).iso8601
            }
            state.summary?.hash = state.digest?.finish()
            let descriptor = state.descriptor
            state.descriptor = -1
            guard close(descriptor) == 0 || errno == EINTR else { throw UploadDirectory.Failure(code: errno) }
        }
    }

    /// Removes the file, unless it has been moved away.
    func remove() {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            state.descriptor = -1
            if let path = state.summary?.path { unlink(path) }
        }
    }
}
