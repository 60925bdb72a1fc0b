// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A request that is refused before any action sees it.
///
/// The connection is closed after the answer: what follows a request that could not be understood cannot be understood
/// either.
struct HTTPFault: Error, Sendable, Hashable {
    let status: Int
    /// The problem in words, for the client.
    let reason: String
    /// Methods that would do, for the header `Allow`.
    var allowedMethods: [String] = []
    /// Codings of bodies that would do, for the header `Accept-Encoding`.
    var acceptedCodings: String?

    /// Further headers, names in small letters.
    var ownHeaders: [Header] = []

    struct Header: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// What tells the client how to do better, in small letters.
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if !allowedMethods.isEmpty { headers.append(("allow", allowedMethods.joined(separator: ", "))) }
        if let acceptedCodings { headers.append(("accept-encoding", acceptedCodings)) }
        headers += ownHeaders.map { ($0.name, $0.value) }
        return headers
    }

    static func badRequest(_ reason: String) -> HTTPFault { HTTPFault(status: 400, reason: reason) }
    static func methodNotAllowed(_ method: String, allowed: [String]) -> HTTPFault {
        HTTPFault(
            status: 405, reason: "this path does not answer \(method); it answers \(allowed.joined(separator: ", "))",
            allowedMethods: allowed)
    }
    static let requestLineTooLong = HTTPFault(status: 414, reason: "the request line is too long")
    static let headersTooLarge = HTTPFault(status: 431, reason: "the headers are too large")
    static let tooManyHeaders = HTTPFault(status: 431, reason: "there are too many headers")
    static let bodyTooLarge = HTTPFault(status: 413, reason: "the body is too large")
    static let misdirected = HTTPFault(status: 421, reason: "this host is not served here")
    static func unknownProtocol(_ name: String) -> HTTPFault {
        HTTPFault(status: 501, reason: "the protocol '\(name)' is not spoken here")
    }
    static let stopping = HTTPFault(status: 503, reason: "the server is stopping")
    static let notStarted = HTTPFault(status: 503, reason: "the server could not start")
    static let cutShort = HTTPFault(status: 400, reason: "the client ended before it had sent all of the request")
    static let timeout = HTTPFault(status: 408, reason: "the request took too long to arrive")
}
