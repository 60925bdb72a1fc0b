// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a number of clients do over and over again.
package struct LoadPattern: Sendable {
    package let name: String
    package let connections: Int
    /// Milliseconds between an answer and the next request.
    package let pause: Int
    let request: [UInt8]
    /// What the body of every answer contains.
    let expected: [UInt8]
    let isKeepAlive: Bool

    /// - Parameters:
    ///   - name: For the report.
    ///   - target: Of the request line.
    ///   - connections: How many clients.
    ///   - isKeepAlive: Whether a connection is used for more than one request.
    ///   - pause: Milliseconds between an answer and the next request.
    ///   - body: Makes it a POST.
    ///   - expected: What the body of every answer contains.
    package init(
        _ name: String, _ target: String, connections: Int, isKeepAlive: Bool = true, pause: Int = 0,
        body: String? = nil, expected: String
    ) {
        self.name = name
        self.connections = connections
        self.isKeepAlive = isKeepAlive
        self.pause = pause
        self.expected = Array(expected.utf8)
        var head = "\(body == nil ? "GET" : "POST") \(target) HTTP/1.1\r\nHost: localhost\r\n"
        if !isKeepAlive { head += "Connection: close\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        request = Array((head + "\r\n" + (body ?? "")).utf8)
    }
}

/// A request that was not answered as it should have been.
package struct LoadFailure: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The connection was not accepted.
        case refused
        /// It ended after a request had been sent and before any of the answer came.
        case unanswered
        /// It ended within an answer.
        case truncated
        /// An answer came, but not the right one.
        case wrong
        /// After `Connection: close` came something else than the end.
        case unclean
        /// Nothing came for very long.
        case silence
    }

    package let kind: Kind
    package let pattern: String
    /// The process that had answered on this connection before.
    package let pid: Int32?
    package let detail: String

    package var description: String {
        "\(pattern): \(kind.rawValue), \(detail), process \(pid.map(String.init) ?? "?")"
    }
}

/// What has come of a load.
package struct LoadReport: Sendable {
    /// Answers by pattern.
    package var answers: [String: Int] = [:]
    package var failures: [LoadFailure] = []
    /// Answers by process, for actions that answer with `pid`.
    package var answersByProcess: [Int32: Int] = [:]

    package var total: Int { answers.values.reduce(0, +) }
}
