// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The header `Range` (RFC 9110, 14.2), applied to a file of a known size.
enum ByteRanges: Equatable {
    /// There is no such header, or it asks for nothing that this server does: the whole file is the answer.
    case whole
    /// Positions in the file, none empty, none overlapping another; at least one.
    case parts([Range<Int>])
    /// All of them begin behind the end of the file.
    case unsatisfiable

    /// More ranges than any reader of a file needs; a header with more of them is ignored.
    static let limit = 32

    /// - Parameters:
    ///   - header: The value of the header.
    ///   - size: Of the file, in bytes.
    init(_ header: String?, size: Int) {
        guard let header, let specifications = Self.parse(header) else {
            self = .whole
            return
        }
        guard size > 0 || !specifications.contains(where: \.isSuffix) else {
            // The last bytes of an empty file are the whole of it, and no range can say so.
            self = .whole
            return
        }
        let parts = specifications.compactMap { $0.resolved(size: size) }
        self = parts.isEmpty ? .unsatisfiable : .parts(Self.merged(parts))
    }

    private enum Specification {
        case from(Int, through: Int)
        case last(Int)

        var isSuffix: Bool { if case .last(let count) = self { count > 0 } else { false } }

        func resolved(size: Int) -> Range<Int>? {
            switch self {
            case .from(let first, let last): first < size ? first..<min(last, size - 1) + 1 : nil
            case .last(let count): count > 0 && size > 0 ? max(size - count, 0)..<size : nil
            }
        }
    }

    /// - Returns: `nil` for a header that is to be ignored.
    private static func parse(_ header: String) -> [Specification]? {
        guard let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes"
        else { return nil }
        var specifications: [Specification] = []
        for part in header[header.index(after: equals)...].split(separator: ",") {
            let text = part.trimmingSpaces
            if text.isEmpty { continue }
            guard specifications.count < limit, let specification = specification(text) else { return nil }
            specifications.append(specification)
        }
        return specifications.isEmpty ? nil : specifications
    }

    private static func specification(_ text: Substring) -> Specification? {
        guard let dash = text.firstIndex(of: "-") else { return nil }
        let (first, last) = (text[..<dash], text[text.index(after: dash)...])
        if first.isEmpty { return number(last).map { .last($0) } }
        guard let start = number(first) else { return nil }
        if last.isEmpty { return .from(start, through: Int.max) }
        guard let end = number(last), end >= start else { return nil }
        return .from(start, through: end)
    }

    /// A number that is too large for any file is as good as the largest one.
    private static func number(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(digits) ?? Int.max
    }

    /// Ranges that overlap or touch become one, so that no byte is sent twice; others keep their order.
    private static func merged(_ parts: [Range<Int>]) -> [Range<Int>] {
        let sorted = parts.sorted { $0.lowerBound < $1.lowerBound }
        let areApart = zip(sorted, sorted.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
        if areApart { return parts }
        var result: [Range<Int>] = []
        for part in sorted {
            if let last = result.last, part.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
            } else {
                result.append(part)
            }
        }
        return result
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
