// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Content types by a file's name.
///
/// A small table knows what a site usually has; the rest is in the system's database, which is read when a file that the
/// table does not know is asked for the first time, on the thread that looks the file up.
struct MediaTypes: Sendable {
    /// Types of the configuration, by extension in small letters without its dot; they count before all others.
    let own: [String: String]

    static let unknown = "application/octet-stream"

    /// - Parameter path: The name counts only.
    /// - Returns: Its content type.
    func type(ofPath path: String) -> String {
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return Self.unknown }
        let suffix = name[name.index(after: dot)...].lowercased()
        return own[suffix] ?? Self.usual[suffix] ?? Self.system[suffix] ?? Self.unknown
    }

    /// The type that an extension stands for, of those that are known without reading the disk.
    ///
    /// - Parameter suffix: Without its dot, in any capitals.
    /// - Returns: Its content type, or `nil`.
    func known(_ suffix: String) -> String? {
        let suffix = suffix.lowercased()
        return own[suffix] ?? Self.usual[suffix]
    }

    private static let usual = [
        "html": "text/html", "htm": "text/html", "css": "text/css", "js": "text/javascript", "mjs": "text/javascript",
        "json": "application/json", "txt": "text/plain", "xml": "application/xml", "svg": "image/svg+xml",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif", "ico": "image/vnd.microsoft.icon", "woff": "font/woff", "woff2": "font/woff2",
        "ttf": "font/ttf", "otf": "font/otf", "pdf": "application/pdf", "zip": "application/zip",
        "gz": "application/gzip", "mp4": "video/mp4", "webm": "video/webm", "mp3": "audio/mpeg",
        "wasm": "application/wasm", "map": "application/json", "webmanifest": "application/manifest+json",
        "csv": "text/csv", "md": "text/markdown", "yml": "application/yaml", "yaml": "application/yaml",
    ]

    /// The database of the package media-types, or that of shared-mime-info where the former is not installed.
    private static let system: [String: String] = {
        if let text = read("/etc/mime.types") { return parseTypes(text) }
        return read("/usr/share/mime/globals2").map(parseGlobs) ?? [:]
    }()

    /// - Parameter text: Lines with a type and its extensions.
    /// - Returns: Types by extension; the first type of an extension counts.
    static func parseTypes(_ text: String) -> [String: String] {
        var types: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let type = words.first, isType(type) else { continue }
            for suffix in words.dropFirst() where types[suffix.lowercased()] == nil {
                types[suffix.lowercased()] = String(type)
            }
        }
        return types
    }

    /// - Parameter text: Lines such as `50:image/png:*.png`, of which the one with the highest weight comes first.
    /// - Returns: Types by extension; patterns of other kinds are left out.
    static func parseGlobs(_ text: String) -> [String: String] {
        var types: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: ":")
            guard words.count >= 3, isType(words[1]), words[2].hasPrefix("*.") else { continue }
            let suffix = words[2].dropFirst(2).lowercased()
            let isPlain = !suffix.contains { "*?[".contains($0) }
            if isPlain, types[suffix] == nil { types[suffix] = String(words[1]) }
        }
        return types
    }

    private static func isType(_ text: Substring) -> Bool {
        text.contains("/") && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0, bytes.count < 16_777_216 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
