// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Glibc
internal import HeroSystem
internal import Synchronization

/// What the log is told of jobs that wait in a file.
enum KeptNote: Sendable, Hashable {
    /// The first of them.
    case keeping(String)
    case delivered(Int)
    /// Of a process that has died.
    case takenOver(Int)
    case failed(String)
}

/// Jobs that wait for Redis in a file of this process, and go there in their order as soon as it is back.
///
/// Files are read and written on a queue of its own, which is all that touches them.
final class KeptJobs: @unchecked Sendable {
    struct Place: Sendable {
        /// Absolute.
        let directory: String
        let projectRoot: String
        /// What the file is called after: the process.
        let name: String
        /// Bytes.
        let limit: Int
    }

    private let place: Place
    /// Puts one into Redis; throws as long as it cannot be done.
    private let send: @Sendable (KeptJob) async throws -> Void
    private let note: @Sendable (KeptNote) -> Void
    private let queue = DispatchQueue(label: "actionhero.kept")
    private let waiting = Atomic<Int>(0)
    private let pauses = Mutex<Task<Void, Never>?>(nil)

    // Of the queue.
    private var file: KeptFile?
    private var machine: KeptMachine
    private var delivery: Task<Void, Never>?
    private var isStopped = false

    init(
        _ place: Place, send: @escaping @Sendable (KeptJob) async throws -> Void,
        note: @escaping @Sendable (KeptNote) -> Void
    ) {
        (self.place, self.send, self.note) = (place, send, note)
        machine = KeptMachine(limit: place.limit, KeptLog.Reading())
    }

    private static let suffix = ".jobs"
    /// Milliseconds between two looks for files of processes that have died.
    private static let lookInterval = 60_000
    private static let atOnce = 100

    /// Jobs that wait; asked before anything is sent, since what comes later must not be earlier.
    var count: Int { waiting.load(ordering: .acquiring) }

    private func onQueue<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }

    // MARK: Life

    /// Takes up what this process, and others that have died, have left.
    func start() async {
        await onQueue { self.look(isFirst: true) }
        // Ended by `stop()`.
        let looking = Task {
            while (try? await Task.sleep(for: .milliseconds(Self.lookInterval))) != nil {
                await self.onQueue { self.look(isFirst: false) }
            }
        }
        pauses.withLock { $0 = looking }
    }

    /// Sends no more; what waits is there for the next process.
    func stop() async {
        pauses.withLock { $0 }?.cancel()
        let delivery = await onQueue {
            self.isStopped = true
            return self.delivery
        }
        delivery?.cancel()
        await delivery?.value
        await onQueue {
            if self.machine.isEmpty { self.file?.remove() }
            self.file = nil
        }
    }

    // MARK: Accepting

    /// Returns when the disk has all of them.
    ///
    /// - Parameters:
    ///   - jobs: In their order.
    ///   - reason: Why they are not sent.
    /// - Throws: ``CannotKeep``; none of them is kept then.
    func keep(_ jobs: [KeptJob], because reason: String) async throws {
        let result = await onQueue { Result { () throws(CannotKeep) in try self.write(jobs.map(\.bytes), reason) } }
        try result.get()
    }

    private func write(_ jobs: [[UInt8]], _ reason: String) throws(CannotKeep) {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try openFile()
            bytes = machine.accept(jobs) ?? []
            if !bytes.isEmpty { try file.append(bytes) }
        } catch { throw CannotKeep("\(error)") }
        guard !bytes.isEmpty else { throw CannotKeep.full(machine.count, place.limit) }
        if machine.isEmpty { note(.keeping(reason)) }
        machine.accepted(jobs, bytes: bytes.count)
        deliver()
    }

    /// The first name that no other process uses; the one before may still be ending.
    private func openFile() throws(FileError) -> KeptFile {
        if let file { return file }
        try FileContents.createDirectory(place.directory, in: place.projectRoot, mode: 0o700)
        let name = String(
            place.name.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
        for number in 1...1000 {
            let path = "\(place.directory)/\(name)\(number == 1 ? "" : "-\(number)")\(Self.suffix)"
            guard let file = try KeptFile(path, creates: true) else { continue }
            file.syncDirectory()
            take(file)
            return file
        }
        throw FileError("lock", "\(place.directory)/\(name)\(Self.suffix)", EAGAIN)
    }

    private func take(_ file: KeptFile) {
        self.file = file
        machine = KeptMachine(limit: place.limit, file.reading)
        if file.reading.isDamaged {
            note(.failed("\(file.path) was damaged: what could be read is kept, all of it is in \(file.path).damaged"))
        }
    }

    // MARK: Files of others

    private func look(isFirst: Bool) {
        guard !isStopped, let names = try? FileContents.list(place.directory, limit: 10_000) else { return }
        do throws(FileError) {
            let files = names.filter { $0.hasSuffix(Self.suffix) }.sorted().map { "\(place.directory)/\($0)" }
            guard !files.isEmpty else { return }
            // Its own from before, if there is one.
            let own = try openFile()
            if isFirst, !machine.isEmpty { note(.takenOver(machine.count)) }
            for path in files where path != own.path { try takeOver(path, own) }
        } catch { note(.failed("\(error)")) }
        deliver()
    }

    /// Takes what a process has left whose lock is free: into the own file, and only then it goes.
    private func takeOver(_ path: String, _ own: KeptFile) throws(FileError) {
        guard let other = try KeptFile(path, creates: false) else { return }
        let jobs = other.reading.jobs
        if !jobs.isEmpty {
            let bytes = KeptMachine.frames(jobs)
            try own.append(bytes)
            machine.accepted(jobs, bytes: bytes.count)
            note(.takenOver(jobs.count))
        }
        // Killed here, both have them, and Redis takes them once.
        other.remove()
    }

    // MARK: Delivering

    private func deliver() {
        waiting.store(machine.count, ordering: .releasing)
        guard !machine.isEmpty, delivery == nil, !isStopped else { return }
        // Ends with the last job, or by `stop()`, which waits for it.
        delivery = Task { await self.run() }
    }

    private func run() async {
        var all = 0
        while true {
            let batch = await onQueue {
                let batch = self.isStopped ? [] : self.machine.next(Self.atOnce)
                if batch.isEmpty { self.delivery = nil }
                return batch
            }
            guard !batch.isEmpty else { break }
            let (done, error) = await sendAll(batch)
            all += done
            let pause = await onQueue { self.settle(done, error) }
            if let pause { try? await Task.sleep(for: .milliseconds(pause)) }
        }
        if all > 0 { note(.delivered(all)) }
    }

    private func sendAll(_ batch: [[UInt8]]) async -> (done: Int, error: (any Error)?) {
        for (place, bytes) in batch.enumerated() {
            guard let job = KeptJob(bytes: bytes) else {
                note(.failed("a job that was kept cannot be read: \(String(decoding: bytes, as: UTF8.self))"))
                continue
            }
            do { try await send(job) } catch { return (place, error) }
        }
        return (batch.count, nil)
    }

    /// - Returns: Milliseconds before the next try.
    private func settle(_ done: Int, _ error: (any Error)?) -> Int? {
        if done > 0 {
            do throws(FileError) {
                switch machine.delivered(done) {
                case .append(let bytes): try file?.append(bytes)
                case .rewrite(let bytes): try file?.rewrite(bytes)
                }
            } catch {
                // They are in Redis, and may be sent once more, which changes nothing there.
                note(.failed("\(error)"))
            }
        }
        waiting.store(machine.count, ordering: .releasing)
        return error == nil ? nil : machine.failed()
    }
}

/// Why a job cannot be kept.
struct CannotKeep: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = "Redis is away, and the job cannot be kept in a file: \(reason)" }

    static func full(_ count: Int, _ limit: Int) -> CannotKeep {
        CannotKeep("\(count) jobs wait there already, and tasks.keepLimit is \(limit) bytes")
    }
}
