// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// Memory that the master and all workers of a cluster share: what each worker is doing, readable also after it has
/// crashed.
///
/// Writing costs a worker less than any message would, so it can be done for every request.
package final class WorkerBoard: Sendable {
    /// Workers that can be alive at the same time, those that are being replaced included.
    package var slotCount: Int { layout.slots }

    package let descriptor: Int32
    let layout: BoardLayout
    /// Starts at a page and is never unmapped, because a process has one board for as long as it lives; what it holds is
    /// only accessed atomically.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer

    /// Makes a board; `nil` when the system refuses.
    package convenience init?() {
        self.init(making: .current)
    }

    /// - Parameter layout: Of another version in tests.
    convenience init?(making layout: BoardLayout) {
        let descriptor = hero_memory_file("hero-board")
        guard descriptor >= 0 else { return nil }
        let text = Array(layout.text.utf8)
        let written = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard written == text.count, ftruncate(descriptor, off_t(layout.totalSize)) == 0 else {
            close(descriptor)
            return nil
        }
        do throws(BoardFault) {
            try self.init(inherited: descriptor)
        } catch {
            close(descriptor)
            return nil
        }
    }

    /// Maps a board that another process has made, by the description in its first page.
    ///
    /// - Parameter descriptor: Stays the caller's when this throws.
    /// - Throws: ``BoardFault``.
    package init(inherited descriptor: Int32) throws(BoardFault) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        layout = try BoardLayout(parsing: Self.description(descriptor))
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size == off_t(layout.totalSize) else {
            throw BoardFault("its size is not the one that it names")
        }
        guard let memory = mmap(nil, layout.totalSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else { throw BoardFault(String(cString: strerror(errno))) }
        self.descriptor = descriptor
        base = memory
    }

    private static func description(_ descriptor: Int32) throws(BoardFault) -> String {
        var bytes = [UInt8](repeating: 0, count: BoardLayout.headerSize)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw BoardFault("it cannot be read") }
        return String(decoding: bytes[..<count].prefix { $0 != 0 }, as: UTF8.self)
    }

    package func has(slot number: Int) -> Bool { (0..<layout.slots).contains(number) }

    /// The place of one worker.
    ///
    /// - Parameter number: One that ``has(slot:)``.
    /// - Returns: The place, whoever has it.
    package func slot(_ number: Int) -> BoardSlot {
        precondition(
            has(slot: number), "a slot is between 0 and \(layout.slots - 1), not \(number)")
        let areas = [BoardLayout.Area.share, .slot].map { area in
            let size = layout.size(area)
            return BoardNumbers(base: base + layout.start(area) + number * size, count: size / 4, isThere: true)
        }
        return BoardSlot(areas) { numbers($0, slot: number) }
    }

    /// A field, of one slot where there are several.
    func numbers(_ field: BoardLayout.Field, slot: Int = 0) -> BoardNumbers {
        guard let place = layout.places[field] else { return BoardNumbers(base: base, count: 1, isThere: false) }
        let start = layout.start(place.area) + slot * layout.size(place.area) + place.offset
        return BoardNumbers(base: base + start, count: place.count, isThere: true)
    }

    /// The fewest connections that any accepting worker but one has; `nil` when there is no other.
    package func fewestConnections(except own: Int) -> Int? {
        let (accepting, connections) = (numbers(.accepting), numbers(.connections))
        let stride = layout.size(.share)
        var fewest: Int?
        for number in 0..<layout.slots where number != own && accepting.load(at: number * stride) == 1 {
            fewest = min(fewest ?? .max, Int(connections.load(at: number * stride)))
        }
        return fewest
    }
}
