// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// Reads numbers and strings from bytes that nobody vouches for; every access is checked against the end.
struct ELFReader: Sendable {
    /// Several times the longest mangled names that Swift's own libraries have.
    static let maximumNameBytes = 64 * 1024

    private enum Memory: Sendable {
        /// Shared with whoever read the file: copying it would take its size once more.
        case array([UInt8])
        case mapping(FileMapping)
    }

    private let memory: Memory
    let count: Int

    init(bytes: [UInt8]) {
        memory = .array(bytes)
        count = bytes.count
    }

    /// Reads a file in place instead of copying it.
    ///
    /// Only for files that cannot be truncated meanwhile, such as the executable of a running process: an access behind
    /// the new end would be a SIGBUS.
    ///
    /// - Throws: ``FileError``.
    init(mapping path: String) throws(FileError) {
        let mapping = try FileMapping(path)
        memory = .mapping(mapping)
        count = mapping.bytes.count
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch memory {
        case .array(let bytes): bytes.withUnsafeBytes(body)
        case .mapping(let mapping): withExtendedLifetime(mapping) { body(mapping.bytes) }
        }
    }

    func byte(at offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? withBytes { $0[offset] } : nil
    }

    func bytes(in range: Range<Int>) -> [UInt8] { withBytes { Array($0[range]) } }

    /// Part of the file that a table or string lies in.
    func slice(offset: UInt64, size: UInt64) -> Range<Int>? {
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow, end <= UInt64(count) else { return nil }
        return Int(offset)..<Int(end)
    }

    /// A little-endian number.
    func number<N: FixedWidthInteger & BitwiseCopyable>(_ type: N.Type, at offset: Int) -> N? {
        guard offset >= 0, offset <= count - MemoryLayout<N>.size else { return nil }
        return N(littleEndian: withBytes { $0.loadUnaligned(fromByteOffset: offset, as: N.self) })
    }

    /// A string that ends with a zero byte inside the given part of the file.
    ///
    /// - Parameters:
    ///   - offset: Where it begins.
    ///   - part: What it lies in.
    ///   - limit: How many bytes it may have.
    /// - Returns: `nil` when it begins or ends outside, or is too long.
    func string(at offset: Int, within part: Range<Int>, limit: Int = maximumNameBytes) -> String? {
        guard part.contains(offset) else { return nil }
        return withBytes { bytes in
            let rest = bytes[offset..<min(part.upperBound, offset + limit)]
            guard let end = rest.firstIndex(of: 0) else { return nil }
            return String(decoding: rest[offset..<end], as: UTF8.self)
        }
    }
}

/// What the names of a table may take together: any number of entries may point at one long string, so those of a small
/// file could fill the memory.
struct NameBudget {
    /// More than ten times what the largest libraries have.
    private static let maximumBytes = 64 << 20

    private var rest: Int

    init(_ reader: ELFReader) { rest = min(16 * reader.count, Self.maximumBytes) }

    mutating func spend(_ name: String) throws(ELFFile.Fault) {
        rest -= name.utf8.count
        if rest < 0 { throw .malformed("its names are longer than the file") }
    }
}

/// A file in memory that nobody writes to, so all threads may read it.
private final class FileMapping: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(_ path: String) throws(FileError) {
        let descriptor = try FileContents.openForReading(path)
        defer { close(descriptor) }
        let size = try FileContents.size(descriptor, path: path)
        guard size > 0, let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw FileError("map", path, errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
