// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Packs the responses of one loop.
///
/// Touched by that loop only.
final class ResponseCompressor {
    /// One of the responses that may be packed at the same time, until it is let go.
    final class Slot: Sendable {
        private let taken: Counter
        fileprivate init(_ taken: Counter) { self.taken = taken }
        deinit { taken.value.subtract(1, ordering: .relaxed) }
    }

    /// Let go on any thread.
    fileprivate final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    let plan: CompressionPlan
    let threads: CompressionThreads
    private let eventLoop: any EventLoop
    private let taken = Counter()
    /// Making one for each response would cost as much as packing a small one.
    private var kept: [ContentEncoding: Deflater] = [:]

    init(_ plan: CompressionPlan, _ threads: CompressionThreads, on eventLoop: any EventLoop) {
        (self.plan, self.threads, self.eventLoop) = (plan, threads, eventLoop)
    }

    /// - Returns: `nil` when so many responses are being packed that memory or time would run short.
    func slot() -> Slot? {
        guard taken.value.load(ordering: .relaxed) < plan.concurrent else { return nil }
        taken.value.add(1, ordering: .relaxed)
        return Slot(taken)
    }

    /// Packs a small body at once.
    ///
    /// - Returns: `nil` when that does not make it smaller.
    func pack(_ bytes: UnsafeRawBufferPointer, _ encoding: ContentEncoding) -> [UInt8]? {
        guard encoding != .brotli else { return Brotli.pack(bytes, level: plan.brotliLevel) }
        guard let deflater = kept[encoding] ?? Deflater(encoding, level: plan.gzipLevel, .usual) else { return nil }
        kept[encoding] = deflater
        deflater.reset()
        let packed = deflater.add(bytes, .finish)
        return packed.count < bytes.count ? packed : nil
    }

    /// Packs a large body on a thread, a piece at a time, so that other large ones come on.
    ///
    /// - Returns: `nil` when that does not make it smaller.
    func packInBackground(_ bytes: ByteBuffer, _ encoding: ContentEncoding) -> EventLoopFuture<[UInt8]?> {
        if encoding == .brotli {
            let level = plan.brotliLevel
            return threads.run(on: eventLoop) { bytes.withUnsafeReadableBytes { Brotli.pack($0, level: level) } }
        }
        guard let job = PackingJob(bytes, encoding, level: plan.gzipLevel) else {
            return eventLoop.makeSucceededFuture(nil)
        }
        let done = eventLoop.makePromise(of: [UInt8]?.self)
        step(job, done)
        return done.futureResult
    }

    private func step(_ job: PackingJob, _ done: EventLoopPromise<[UInt8]?>) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        threads.run(on: eventLoop) { job.step() }.whenComplete { result in
            switch result {
            case .success(.more): bound.value.step(job, done)
            case .success(.done(let packed)): done.succeed(packed)
            case .failure(let error): done.fail(error)
            }
        }
    }
}
