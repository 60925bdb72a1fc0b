// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
internal import Synchronization

/// Memory that the master and all workers of a cluster share: what each worker is doing, readable also after it has
/// crashed.
///
/// Writing costs a worker less than any message would, so it can be done for every request.
package final class WorkerBoard: Sendable {
    /// Workers that can be alive at the same time, those that are being replaced included.
    package static let slotCount = 256
    static let slotSize = 4096
    /// In front of the slots: for each of them whether its worker accepts, and how many connections it has.
    ///
    /// Every worker reads all of them for every connection, so they lie close together.
    private static let shareSize = 8
    private static let size = slotCount * (shareSize + slotSize)

    package let descriptor: Int32
    /// Starts at a page and is never unmapped; what it holds is only accessed atomically.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer

    /// Makes a board; `nil` when the system refuses.
    package convenience init?() {
        let descriptor = hero_memory_file("hero-board")
        guard descriptor >= 0 else { return nil }
        guard ftruncate(descriptor, off_t(Self.size)) == 0 else {
            close(descriptor)
            return nil
        }
        self.init(inherited: descriptor)
    }

    /// Maps a board that another process has made; `nil` when the descriptor is none.
    package init?(inherited descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size == off_t(Self.size) else {
            return nil
        }
        guard let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else {
            return nil
        }
        self.descriptor = descriptor
        base = memory
    }

    // Never unmapped: a process has one board for as long as it lives.

    /// The place of one worker.
    ///
    /// - Parameter number: 0 to 255.
    /// - Returns: The place, whoever has it.
    package func slot(_ number: Int) -> BoardSlot {
        precondition((0..<Self.slotCount).contains(number), "a slot of the board is between 0 and 255, not \(number)")
        return BoardSlot(
            share: base + number * Self.shareSize,
            base: base + Self.slotCount * Self.shareSize + number * Self.slotSize)
    }

    /// The fewest connections that any accepting worker but one has; `nil` when there is no other.
    package func fewestConnections(except own: Int) -> Int? {
        var fewest: Int?
        for number in 0..<Self.slotCount where number != own {
            let slot = slot(number)
            guard slot.isAccepting else { continue }
            fewest = min(fewest ?? .max, slot.connections)
        }
        return fewest
    }
}

/// What one worker writes and everybody may read.
package struct BoardSlot: Sendable {
    /// Threads whose running action is noted: the event loop is 0, the others belong to the thread pool.
    static let threads = 32
    /// Actions that are counted one by one; the last place stands for all beyond.
    package static let actions = (WorkerBoard.slotSize - 192) / 4

    nonisolated(unsafe) private let share: UnsafeMutableRawPointer
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer

    init(share: UnsafeMutableRawPointer, base: UnsafeMutableRawPointer) {
        self.share = share
        self.base = base
    }

    /// A number of the slot; the offset is a multiple of 4.
    private func number(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> { Self.number(at: base + offset) }

    private static func number(at address: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Atomic<UInt32>> {
        address.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    package var isAccepting: Bool {
        get { Self.number(at: share).pointee.load(ordering: .relaxed) == 1 }
        nonmutating set { Self.number(at: share).pointee.store(newValue ? 1 : 0, ordering: .relaxed) }
    }

    package var connections: Int {
        get { Int(Self.number(at: share + 4).pointee.load(ordering: .relaxed)) }
        nonmutating set { Self.number(at: share + 4).pointee.store(UInt32(clamping: newValue), ordering: .relaxed) }
    }

    /// Requests that were answered.
    package var requests: Int { Int(number(8).pointee.load(ordering: .relaxed)) }
    /// Those answered with a status of 500 or above.
    package var errors: Int { Int(number(12).pointee.load(ordering: .relaxed)) }

    package func countResponse(status: Int) {
        number(8).pointee.wrappingAdd(1, ordering: .relaxed)
        if status >= 500 { number(12).pointee.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Notes which action a thread executes.
    func setRunning(_ action: Int?, thread: Int) {
        number(64 + min(thread, Self.threads - 1) * 4).pointee
            .store(action.map { UInt32(clamping: $0 + 1) } ?? 0, ordering: .relaxed)
    }

    func begin(_ action: Int) { number(Self.offset(action)).pointee.wrappingAdd(1, ordering: .relaxed) }
    func end(_ action: Int) { number(Self.offset(action)).pointee.wrappingSubtract(1, ordering: .relaxed) }

    private static func offset(_ action: Int) -> Int { 192 + min(action, actions - 1) * 4 }

    /// Numbers of actions that threads are executing.
    package var running: [Int] {
        Array(
            Set(
                (0..<Self.threads).compactMap { thread in
                    let value = number(64 + thread * 4).pointee.load(ordering: .relaxed)
                    return value == 0 ? nil : Int(value) - 1
                })
        ).sorted()
    }

    /// Numbers of actions that have begun and not ended.
    package func inFlight(among count: Int) -> [Int] {
        (0..<min(count, Self.actions)).filter { number(Self.offset($0)).pointee.load(ordering: .relaxed) != 0 }
    }

    /// Numbers that no worker writes and ``clear()`` leaves alone.
    var unusedNumbers: [UnsafeMutablePointer<Atomic<UInt32>>] { Self.unused.map { number($0) } }

    private static let unused = Array(stride(from: 16, to: 64, by: 4))

    /// Makes the slot ready for another worker.
    package func clear() {
        isAccepting = false
        connections = 0
        for offset in stride(from: 0, to: WorkerBoard.slotSize, by: 4) where !(16..<64).contains(offset) {
            number(offset).pointee.store(0, ordering: .relaxed)
        }
    }
}
