// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The header `Accept-Encoding` (RFC 9110, 12.5.3).
struct AcceptedEncodings {
    private var qualities: [(name: String, quality: Int)] = []

    init(_ header: String?) {
        guard let header else { return }
        for part in header.split(separator: ",") {
            let words = part.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmingSpaces)
            guard let name = words.first, !name.isEmpty else { continue }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") || $0.hasPrefix("Q=") }
            qualities.append((name.lowercased(), weight.map { Self.thousandths($0.dropFirst(2)) } ?? 1000))
        }
    }

    /// - Returns: How welcome it is, 0 to 1000; 0 for one that must not be sent.
    func quality(_ encoding: String) -> Int {
        for (name, quality) in qualities where Self.isSame(name, encoding) { return quality }
        for (name, quality) in qualities where name == "*" { return quality }
        return 0
    }

    /// The weight of an unpacked answer: a client that lists encodings prefers them, unless it names `identity`.
    private var identityQuality: Int { qualities.first { $0.name == "identity" }?.quality ?? 0 }

    /// - Parameter available: Encodings that there are.
    /// - Returns: The one to send, or `nil` for none.
    func best(of available: [FileEncoding]) -> FileEncoding? {
        var best: FileEncoding?
        var highest = 0
        for encoding in available {
            let quality = quality(encoding.rawValue)
            if quality > highest { (best, highest) = (encoding, quality) }
        }
        return highest > 0 && highest >= identityQuality ? best : nil
    }

    private static func isSame(_ name: String, _ encoding: String) -> Bool {
        name == encoding || (encoding == "gzip" && name == "x-gzip")
    }

    /// A weight that is none counts as 0: what cannot be read is not welcome.
    private static func thousandths(_ text: Substring) -> Int {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int(parts[0]), whole == 0 || whole == 1 else { return 0 }
        guard parts.count == 2, !parts[1].isEmpty else { return whole * 1000 }
        guard parts[1].count <= 3, let fraction = Int(parts[1]), fraction >= 0 else { return 0 }
        let scale = [100, 10, 1][parts[1].count - 1]
        return min(whole * 1000 + fraction * scale, 1000)
    }
}
