// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How a body has been packed, by the header `Content-Encoding` (RFC 9110, 8.4).
enum ContentCoding {
    case identity
    case packed(Inflater.Format)
    /// A coding that is not understood, or several on top of each other.
    case unknown(String)

    init(_ head: HTTPRequestHead) {
        guard head.range("content-encoding") != nil else {
            self = .identity
            return
        }
        let codings = head.headers.filter { $0.name.lowercased() == "content-encoding" }
            .flatMap { $0.value.lowercased().split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" } }
            .filter { !$0.isEmpty && $0 != "identity" }
        switch codings.count > 1 ? nil : codings.first ?? "identity" {
        case "identity": self = .identity
        case "gzip", "x-gzip": self = .packed(.gzip)
        case "deflate": self = .packed(.deflate)
        default: self = .unknown(codings.joined(separator: ", "))
        }
    }

    var inflater: Inflater? {
        if case .packed(let format) = self { return Inflater(format) }
        return nil
    }

    /// What clients are told that they may send.
    static let accepted = "gzip, deflate, identity"

    static func unknown(_ name: String) -> HTTPFault {
        HTTPFault(
            status: 415, reason: "a body packed as \(name) cannot be read; send it as gzip, deflate or unpacked",
            acceptedCodings: accepted)
    }
}
