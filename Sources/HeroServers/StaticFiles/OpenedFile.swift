// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
internal import HeroSystem
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
    /// No disk has to be waited for.
    private let isMemoryFile: Bool

    /// Files up to this size are kept and sent as bytes: a system call for head and body together costs less than two.
    static let smallBytes = 65_536

    var size: Int { identity.size }
    var holdsDescriptor: Bool { descriptor >= 0 }

    /// - Parameters:
    ///   - opened: Is this object's from here on.
    ///   - path: Of the file, for the log.
    ///   - previous: What was opened there before; when it is the same file, its content is not read again.
    /// - Throws: `missing` for anything but a regular file, `unreadable` when what is left of the descriptors is for others.
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
        isMemoryFile = hero_is_memory_file(opened) != 0
        if content != nil {
            Glibc.close(opened)
            descriptor = -1
        } else if Int(opened) < DescriptorLimit.forFiles {
            descriptor = opened
        } else {
            Glibc.close(opened)
            throw .unreadable(errno: EMFILE)
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
                read(descriptor, memory.baseAddress, missing, at: offset)
            }
            if got == 0 { return nil }
        }
        return buffer
    }

    /// - Returns: How many bytes were read; none at the end, or where there are none to be had.
    private static func read(
        _ descriptor: Int32, _ memory: UnsafeMutableRawPointer?, _ count: Int, at offset: Int
    ) -> Int {
        while true {
            let got = pread(descriptor, memory, count, off_t(offset))
            if got >= 0 { return got }
            if errno != EINTR { return 0 }
        }
    }

    /// How much of a part of a file is in the system's memory.
    ///
    /// - Returns: Bytes from the offset; none where they have to be read from the disk, or nobody can tell.
    func countAtHand(_ count: Int, at offset: Int) -> Int {
        isMemoryFile ? count : hero_count_cached(descriptor, offset, count)
    }

    /// Reads what of a part of a file is in the system's memory.
    ///
    /// - Returns: How many bytes were read; none where they have to be read from the disk, or nobody can tell.
    func readAtHand(_ memory: UnsafeMutableRawPointer?, _ count: Int, at offset: Int) -> Int {
        guard let memory else { return 0 }
        return isMemoryFile
            ? Self.read(descriptor, memory, count, at: offset) : hero_read_cached(descriptor, memory, count, offset)
    }

    /// Reads a part of a file whose content is not here; may wait for the disk.
    ///
    /// - Returns: How many bytes were read; none at the end, or where there are none to be had.
    func read(_ memory: UnsafeMutableRawPointer?, _ count: Int, at offset: Int) -> Int {
        Self.read(descriptor, memory, count, at: offset)
    }

    /// Has the system copy a part of a file whose content is not here to a socket; may wait for the disk.
    ///
    /// - Returns: How many bytes were sent, or why none.
    func send(to socket: Int32, from offset: Int, count: Int) -> Result<Int, IOError> {
        var position = off_t(offset)
        while true {
            let sent = sendfile(socket, descriptor, &position, count)
            if sent >= 0 { return .success(sent) }
            if errno != EINTR { return .failure(IOError(errnoCode: errno, reason: "sendfile")) }
        }
    }

    /// - Parameter range: In bytes.
    /// - Returns: A piece of the file.
    func piece(_ range: Range<Int>) -> FilePiece {
        if let content, let bytes = content.getSlice(at: content.readerIndex + range.lowerBound, length: range.count) {
            return .bytes(bytes)
        }
        return .part(FilePart(self, range))
    }
}

/// Fowler–Noll–Vo, 64 bits: tells contents apart that nobody has made alike on purpose, and is the same on all machines.
private enum FNV {
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
