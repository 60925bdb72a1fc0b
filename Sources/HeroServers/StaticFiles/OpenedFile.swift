// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

/// A regular file as it was when it was opened; closed with the last reference to it.
final class OpenedFile: Sendable {
    /// What tells that a file is still the same.
    struct Identity: Hashable {
        private let device: UInt
        private let node: UInt
        let size: Int
        private let modified: timespecParts
        /// Also changes where somebody sets the time of the last change back.
        private let changed: timespecParts

        private struct timespecParts: Hashable {
            let seconds: Int
            let nanoseconds: Int

            init(_ time: timespec) { (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec) }
        }

        fileprivate init(_ status: stat) {
            device = UInt(status.st_dev)
            node = UInt(status.st_ino)
            size = Int(status.st_size)
            modified = timespecParts(status.st_mtim)
            changed = timespecParts(status.st_ctim)
        }

        /// Milliseconds since 1970.
        var modifiedMilliseconds: Int { modified.seconds * 1000 + modified.nanoseconds / 1_000_000 }

        /// Whether the date tells one content from another.
        ///
        /// Reproducible builds, container images and archives give all files one date of the distant past: the beginning
        /// of 1970 or of 1980, sometimes a second later.
        var isDated: Bool { modified.seconds > Self.lastFixedDate }

        /// 2 January 1980: whatever is older has no date of its own.
        private static let lastFixedDate = 315_619_200

        /// What changes with the content of a file without a date; `nil` where nothing does.
        ///
        /// A file system made as one image has one date for both.
        var changeMark: String? {
            guard changed.seconds > Self.lastFixedDate else { return nil }
            return
                "\(String(node, radix: 16))-\(String(changed.seconds, radix: 16))-\(String(changed.nanoseconds, radix: 16))"
        }
    }

    let path: String
    let identity: Identity
    /// What tells this content from others of the same size; `nil` when nothing is known to.
    let mark: String?
    /// All of it, when it is small.
    let content: ByteBuffer?
    /// -1 for a file whose content is here.
    private let descriptor: Int32

    /// Files up to this size are kept and sent as bytes: a system call for head and body together costs less than two.
    static let smallBytes = 65_536

    var size: Int { identity.size }
    var holdsDescriptor: Bool { descriptor >= 0 }

    /// - Parameters:
    ///   - opened: Is this object's from here on.
    ///   - path: Of the file, for the log.
    ///   - previous: What was opened there before; when it is the same file, its content is not read again.
    /// - Throws: `missing` for anything but a regular file.
    init(_ opened: Int32, path: String, previous: OpenedFile?) throws(FileFault) {
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(opened)
            throw .missing
        }
        self.path = path
        identity = Identity(status)
        if let previous, previous.identity == identity, let known = previous.content {
            content = known
        } else {
            content = identity.size <= Self.smallBytes ? Self.read(opened, count: identity.size) : nil
        }
        mark = Self.mark(identity, content, previous: previous)
        if content != nil {
            Glibc.close(opened)
            descriptor = -1
        } else {
            descriptor = opened
        }
    }

    private static func mark(_ identity: Identity, _ content: ByteBuffer?, previous: OpenedFile?) -> String? {
        if identity.isDated { return String(identity.modifiedMilliseconds, radix: 16) }
        if let previous, previous.identity == identity { return previous.mark }
        guard let content else { return identity.changeMark }
        return "c" + String(FNV.hash(content.readableBytesView), radix: 16)
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// - Returns: `nil` when there are fewer bytes than that, or they cannot be read.
    private static func read(_ descriptor: Int32, count: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let offset = buffer.readableBytes
            let missing = count - offset
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { memory in
                max(pread(descriptor, memory.baseAddress, missing, off_t(offset)), 0)
            }
            // A signal is no reason either: small files come at once.
            if got == 0 { return nil }
        }
        return buffer
    }

    /// A piece of the file, ready to be written to a channel.
    ///
    /// - Parameter range: In bytes.
    /// - Returns: To be written or closed.
    /// - Throws: `unreadable` when the process has no descriptors left.
    func piece(_ range: Range<Int>) throws(FileFault) -> FilePiece {
        if let content, let bytes = content.getSlice(at: content.readerIndex + range.lowerBound, length: range.count) {
            return .bytes(bytes)
        }
        // One of its own: NIO's handles serve one reader at a time.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .unreadable(errno: errno) }
        return .region(
            FileRegion(
                fileHandle: NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy), readerIndex: range.lowerBound,
                endIndex: range.upperBound))
    }
}

/// Fowler–Noll–Vo, 64 bits: tells contents apart that nobody has made alike on purpose, and is the same on all machines.
private enum FNV {
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// A part of a response's body.
enum FilePiece {
    case bytes(ByteBuffer)
    /// Whoever gets it closes its handle.
    case region(FileRegion)

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.readableBytes
        case .region(let region): region.readableBytes
        }
    }

    func close() {
        if case .region(let region) = self { try? region.fileHandle.close() }
    }
}
