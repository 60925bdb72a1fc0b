// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// What compression reads of a response, and what it changes.
extension WebResponse {
    /// The value of a header, as far as the configured ones do not bring it.
    ///
    /// - Parameter name: In small letters.
    /// - Returns: The value that the client will see, or `nil`.
    func header(_ name: String) -> String? {
        let isWanted = { (header: (name: String, value: String)) in header.name.lowercased() == name }
        return directHeaders.first(where: isWanted)?.value ?? lateHeaders.first(where: isWanted)?.value
            ?? headers.last(where: isWanted)?.value ?? usual?.fields.first(where: isWanted)?.value
    }

    /// The content type that the client will see, as far as the configured headers name none.
    var effectiveContentType: String? {
        if let type = contentType ?? header("content-type") { return type }
        return layout == .full && hasDefaultType ? ResponseHeadWriter.jsonContentType : nil
    }

    /// How many bytes the body has; a stream counts as endless, and what has no body by its nature as `nil`.
    var sizeBeforePacking: Int? {
        switch body {
        case .stream: return .max
        case .file(let file): return file.count
        case .bytes(let bytes):
            // The answer to HEAD may name the size of a file.
            if case .explicit(let length) = contentLength { return max(length, bytes.count) }
            return bytes.count
        }
    }

    /// Whether the body is in memory.
    var isWhole: Bool {
        switch body {
        case .bytes: true
        case .file(let file): file.singleBytes != nil
        case .stream: false
        }
    }

    /// Tells caches that the response depends on `Accept-Encoding`.
    mutating func varyByEncoding() {
        if !joinVary("Accept-Encoding") { addLate("vary", "Accept-Encoding") }
    }

    /// Adds the name of a request's header to the `Vary` that there is.
    ///
    /// - Returns: Whether there is one.
    mutating func joinVary(_ name: String) -> Bool {
        if let position = directHeaders.firstIndex(where: { $0.name.lowercased() == "vary" }) {
            VaryList.join(name, to: &directHeaders[position].value)
        } else if let position = headers.lastIndex(where: { $0.name.lowercased() == "vary" }) {
            VaryList.join(name, to: &headers[position].value)
        } else if let position = lateHeaders.firstIndex(where: { $0.name.lowercased() == "vary" }) {
            VaryList.join(name, to: &lateHeaders[position].value)
        } else {
            return false
        }
        return true
    }

    /// Headers of a response of a single layout have no place behind the others.
    private mutating func addLate(_ name: String, _ value: String) {
        switch layout {
        case .full: lateHeaders.append((name, value))
        case .bare: headers.append((name, value))
        }
    }

    /// Changes the headers to those of the packed body.
    ///
    /// - Parameters:
    ///   - encoding: How the body is packed.
    ///   - length: What `content-length` says from here on.
    mutating func markPacked(_ encoding: ContentEncoding, length: ContentLength) {
        // Ranges count bytes of the body as it was.
        for list in [\WebResponse.directHeaders, \.headers, \.lateHeaders] {
            self[keyPath: list].removeAll { $0.name.lowercased() == "accept-ranges" }
            for position in self[keyPath: list].indices
            where self[keyPath: list][position].name.lowercased() == "etag" {
                Self.weaken(&self[keyPath: list][position].value)
            }
        }
        addLate("content-encoding", encoding.rawValue)
        varyByEncoding()
        contentLength = length
    }

    /// The same content in other bytes.
    private static func weaken(_ tag: inout String) {
        if tag.hasPrefix("\"") { tag = "W/" + tag }
    }
}

extension HTTPRequestHead {
    /// All headers of a name as one list.
    ///
    /// - Parameter name: In small letters.
    /// - Returns: Their values, or `nil` without such a header.
    func list(_ name: StaticString) -> String? {
        bytes.withUnsafeReadableBytes { buffer in
            var list: String?
            for field in fields where ASCII.isEqual(UnsafeRawBufferPointer(rebasing: buffer[field.name]), to: name) {
                let value = String(decoding: UnsafeRawBufferPointer(rebasing: buffer[field.value]), as: UTF8.self)
                list = list.map { "\($0), \(value)" } ?? value
            }
            return list
        }
    }
}
