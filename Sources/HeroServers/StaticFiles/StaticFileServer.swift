// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Finds public files.
///
/// Looking them up touches the disk and so happens on threads of its own.
struct StaticFileServer: Sendable {
    /// Absolute paths, tried in this order.
    let directories: [String]
    let indexFile: String
    let threadPool: NIOThreadPool

    /// - Parameters:
    ///   - path: Below the directories, decoded; `nil` for one that could not be.
    ///   - eventLoop: Where the future completes.
    /// - Returns: The open file, or `nil` when there is none. The future does not fail.
    func open(_ path: String?, on eventLoop: any EventLoop) -> EventLoopFuture<OpenedFile?> {
        guard let path, let relative = Self.normalized(path) else { return eventLoop.makeSucceededFuture(nil) }
        return threadPool.runIfActive(eventLoop: eventLoop) {
            for directory in directories {
                if let file = find(relative, in: directory) { return file }
            }
            return nil
        }.recover { _ in nil }
    }

    private func find(_ relative: String, in directory: String) -> OpenedFile? {
        let path = "\(directory)/\(relative)"
        if let file = OpenedFile(path, below: directory) { return file }
        return OpenedFile("\(path)/\(indexFile)", below: directory)
    }

    /// Resolves `.` and `..` without touching the disk.
    ///
    /// - Returns: `nil` for a path that would leave the directory.
    static func normalized(_ path: String) -> String? {
        guard !path.utf8.contains(0) else { return nil }
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if parts.popLast() == nil { return nil }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }
}

/// A regular file that is open for reading.
struct OpenedFile: Sendable {
    let path: String
    let size: Int
    /// Milliseconds since 1970.
    private let modified: Int
    private let handle: NIOFileHandle

    /// - Parameters:
    ///   - path: The file.
    ///   - directory: Links that lead out of it are not followed.
    init?(_ path: String, below directory: String) {
        guard let real = Self.resolved(path), let root = Self.resolved(directory), real.hasPrefix(root + "/") else {
            return nil
        }
        let descriptor = Glibc.open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            return nil
        }
        self.path = path
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1_000_000
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    var region: FileRegion { FileRegion(fileHandle: handle, readerIndex: 0, endIndex: size) }

    /// Size and time of the last change; weak, because two changes within a millisecond look alike.
    var etag: String { "W/\"\(String(size, radix: 16))-\(String(modified, radix: 16))\"" }

    var contentType: String { MediaTypes.type(ofPath: path) ?? "application/octet-stream" }

    func close() { try? handle.close() }

    /// Whether the client's copy is still good.
    func isUnchanged(_ head: HTTPRequestHead) -> Bool {
        guard let candidates = head.value("if-none-match") else { return false }
        if head.value("cache-control")?.contains("no-cache") == true { return false }
        return candidates.split(separator: ",").contains { candidate in
            let tag = candidate.drop { $0 == " " }
            return tag == "*" || tag == etag[...]
        }
    }
}

/// Content types of the files that a site usually has.
enum MediaTypes {
    static func type(ofPath path: String) -> String? {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        return byExtension[path[path.index(after: dot)...].lowercased()]
    }

    private static let byExtension = [
        "html": "text/html", "htm": "text/html", "css": "text/css", "js": "text/javascript", "mjs": "text/javascript",
        "json": "application/json", "txt": "text/plain", "xml": "application/xml", "svg": "image/svg+xml",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "ico": "image/vnd.microsoft.icon", "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf",
        "pdf": "application/pdf", "zip": "application/zip", "mp4": "video/mp4", "webm": "video/webm",
        "mp3": "audio/mpeg", "wasm": "application/wasm", "map": "application/json",
    ]
}
