// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// A public file with the compressed siblings that may be sent in its place.
final class FoundFile: Sendable {
    /// One way to send the file.
    struct Variant: Sendable {
        /// `nil` for the file as it is.
        let encoding: FileEncoding?
        fileprivate(set) var file: OpenedFile
        /// What distinguishes this content from others at the same address: weak, because two changes within a millisecond
        /// look alike; `nil` when nothing does.
        let etag: String?
        /// The file's date as HTTP writes it; `nil` for a file without a date of its own.
        let lastModified: String?
        /// Headers of responses with this file, laid out once; `nil` for those who do that themselves.
        let usual: UsualHeaders?

        init(_ encoding: FileEncoding?, _ file: OpenedFile, _ layOut: (_ lastModified: String?) -> UsualHeaders?) {
            self.encoding = encoding
            self.file = file
            let size = String(file.size, radix: 16)
            let ending = encoding.map { "-\($0.rawValue)" } ?? ""
            etag = file.mark.map { "W/\"\(size)-\($0)\(ending)\"" }
            let identity = file.identity
            lastModified =
                identity.isDated ? HTTPDate.format(WallTime(milliseconds: identity.modifiedMilliseconds)) : nil
            usual = layOut(lastModified)
        }
    }

    let plain: Variant
    /// In the order of our preference.
    let compressed: [Variant]
    let contentType: String
    /// The cost of keeping the file, in bytes and in open files.
    let weight: (bytes: Int, descriptors: Int)

    init(
        _ file: OpenedFile, _ compressed: [(FileEncoding, OpenedFile)], contentType: String,
        layOut: (_ lastModified: String?) -> UsualHeaders? = { _ in nil }
    ) {
        plain = Variant(nil, file, layOut)
        self.compressed = compressed.map { Variant($0.0, $0.1, layOut) }
        self.contentType = contentType
        let files = [file] + compressed.map(\.1)
        weight = (files.reduce(1024) { $0 + ($1.content?.readableBytes ?? 0) }, files.count { $0.holdsDescriptor })
    }

    var path: String { plain.file.path }

    /// - Parameter open: Gives for each open file the one to send from: that file or another one of it.
    /// - Returns: The same file with these.
    func replacing(_ open: (OpenedFile) -> OpenedFile) -> FoundFile {
        func replaced(_ variant: Variant) -> Variant {
            var variant = variant
            variant.file = open(variant.file)
            return variant
        }
        return FoundFile(self, replaced(plain), compressed.map(replaced))
    }

    private init(_ other: FoundFile, _ plain: Variant, _ compressed: [Variant]) {
        (self.plain, self.compressed) = (plain, compressed)
        (contentType, weight) = (other.contentType, other.weight)
    }

    /// - Parameter accepted: The header `Accept-Encoding`.
    /// - Returns: What to send to that client.
    func variant(_ accepted: String?) -> Variant {
        guard !compressed.isEmpty, let accepted else { return plain }
        let best = AcceptedEncodings(accepted).best(of: compressed.compactMap(\.encoding))
        return compressed.first { $0.encoding == best } ?? plain
    }
}
