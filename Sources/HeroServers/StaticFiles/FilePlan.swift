// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The part of a file that is sent, and its headers: the outcome of conditions, ranges and encodings.
struct FilePlan {
    enum Part: Equatable {
        /// Between the ranges of a multipart body.
        case text(String)
        case file(Range<Int>)
    }

    struct Options: Sendable {
        var sendsETag = true
        /// Seconds.
        var cacheDuration = 60

        /// Headers of a response with a file, which stand on the wire in the reverse order.
        func headers(contentType: String, lastModified: String?) -> [(name: String, value: String)] {
            [
                ("content-type", contentType),
                ("cache-control", "max-age=\(cacheDuration), must-revalidate, public"),
            ] + (lastModified.map { [("last-modified", $0)] } ?? [])
        }
    }

    let variant: FoundFile.Variant
    private(set) var status: Int
    private(set) var contentType: String
    private(set) var contentRange: String?
    private var isMultipart = false
    /// What the body would be; a request with HEAD gets the headers of it.
    private(set) var parts: [Part]
    /// Ranges are offered with complete responses only.
    private var acceptsRanges = false
    private let varies: Bool
    private let options: Options
    private let lastModified: String?
    /// The file's date is in the future, which no response may tell (RFC 9110, 8.8.2.1).
    private let isAhead: Bool

    /// - Parameters:
    ///   - file: What was found.
    ///   - request: What the client wants of it.
    ///   - status: Chosen by an action; conditions and ranges are for 200 only.
    ///   - now: Seconds since 1970.
    ///   - options: What the configuration says.
    ///   - boundary: Makes a text that does not occur in the file.
    init(
        _ file: FoundFile, _ request: FileRequest, status: Int = 200, now: Int, _ options: Options,
        boundary: () -> String
    ) {
        variant = file.variant(request.acceptEncoding)
        varies = !file.compressed.isEmpty
        self.status = status
        self.options = options
        let modified = variant.file.identity.modifiedMilliseconds
        isAhead = variant.lastModified != nil && modified >= (now + 1) * 1000
        lastModified = isAhead ? HTTPDate.format(WallTime(milliseconds: now * 1000)) : variant.lastModified
        contentType = file.contentType
        parts = [.file(0..<variant.file.size)]
        guard status == 200 else { return }
        acceptsRanges = true
        let validators = FileValidators(
            etag: options.sendsETag ? variant.etag : nil,
            modified: variant.lastModified == nil ? nil : min(modified, now * 1000 + 999))
        switch Precondition(request, validators, now: now) {
        case .passed(rangeCounts: false): break
        case .passed(rangeCounts: true): apply(ByteRanges(request.range, size: variant.file.size), boundary)
        case .notModified: (self.status, parts, acceptsRanges) = (304, [], false)
        case .failed: (self.status, parts, acceptsRanges) = (412, [], false)
        }
    }

    private mutating func apply(_ ranges: ByteRanges, _ boundary: () -> String) {
        let size = variant.file.size
        switch ranges {
        case .whole: break
        case .unsatisfiable:
            status = 416
            contentRange = "bytes */\(size)"
            parts = []
        case .parts(let ranges) where ranges.count == 1:
            status = 206
            contentRange = Self.contentRange(ranges[0], size)
            parts = [.file(ranges[0])]
        case .parts(let ranges):
            status = 206
            let boundary = boundary()
            parts = ranges.enumerated().flatMap { index, range -> [Part] in
                let head = """
                    \(index == 0 ? "" : "\r\n")--\(boundary)\r\nContent-Type: \(contentType)\r\n\
                    Content-Range: \(Self.contentRange(range, size))\r\n\r\n
                    """
                return [.text(head), .file(range)]
            }
            parts.append(.text("\r\n--\(boundary)--\r\n"))
            isMultipart = true
            contentType = "multipart/byteranges; boundary=\(boundary)"
        }
    }

    private static func contentRange(_ range: Range<Int>, _ size: Int) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    }

    /// The length of the body in bytes; `nil` for a response that has none by its nature.
    var contentLength: Int? {
        guard status != 304 else { return nil }
        return parts.reduce(0) { length, part in
            switch part {
            case .text(let text): length + text.utf8.count
            case .file(let range): length + range.count
            }
        }
    }

    /// Headers of the response, which stand on the wire in the reverse order.
    ///
    /// - Parameter known: Names that an action has set, in small letters; they are its choice.
    /// - Returns: Names and values.
    func headers(known: Set<String>) -> [(name: String, value: String)] {
        guard status != 412, status != 416 else { return [("content-type", contentType)] }
        return options.headers(contentType: contentType, lastModified: lastModified)
            .filter { $0.name == "content-type" || !known.contains($0.name) }
    }

    /// The same, laid out already, where an action has no say.
    var usual: UsualHeaders? {
        status == 412 || status == 416 || isMultipart || isAhead ? nil : variant.usual
    }

    /// Headers that stand behind those.
    var lateHeaders: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if options.sendsETag, let etag = variant.etag, status != 412, status != 416 { headers.append(("etag", etag)) }
        if let encoding = variant.encoding, status != 412, status != 416 {
            headers.append(("content-encoding", encoding.rawValue))
        }
        if varies { headers.append(("vary", "Accept-Encoding")) }
        if acceptsRanges { headers.append(("accept-ranges", "bytes")) }
        if let contentRange { headers.append(("content-range", contentRange)) }
        return headers
    }
}
