// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An HTTP/1.1 response as it came over the wire.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// The reason phrase.
    package let reason: String
    /// In the order and with the capitals of the wire.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// How many bytes it took on the wire.
    package let length: Int

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of a header.
    package subscript(name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// All responses of a stream of bytes.
    package static func all(_ bytes: [UInt8]) throws -> [HTTPResponse] {
        var (responses, rest): ([HTTPResponse], ArraySlice<UInt8>) = ([], bytes[...])
        while !rest.isEmpty, let response = try HTTPResponse(Array(rest), hasBody: true, atEnd: true) {
            responses.append(response)
            rest = rest.dropFirst(response.length)
        }
        return responses
    }

    /// `nil` when the response is not complete.
    ///
    /// - Parameters:
    ///   - bytes: What has been received.
    ///   - hasBody: `false` for the answer to HEAD.
    ///   - atEnd: Whether the connection has been closed.
    /// - Throws: An error when the bytes are no response.
    init?(_ bytes: [UInt8], hasBody: Bool, atEnd: Bool) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let line = head[0].split(separator: " ", maxSplits: 2).map(String.init)
        guard line.count >= 2, line[0] == "HTTP/1.1", let status = Int(line[1]) else {
            throw HTTPConnection.Failure(description: "not a status line: \(head[0])")
        }
        let headers = head.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: parts[0], value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        self.status = status
        reason = line.count > 2 ? line[2] : ""
        self.headers = headers
        let rest = bytes[end.upperBound...]
        func value(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
        if !hasBody || status == 204 || status == 304 || status < 200 {
            body = []
            length = end.upperBound
        } else if let text = value("content-length") {
            guard let count = Int(text) else { throw HTTPConnection.Failure(description: "content-length \(text)") }
            guard rest.count >= count else { return nil }
            body = Array(rest.prefix(count))
            length = end.upperBound + count
        } else if value("transfer-encoding")?.lowercased() == "chunked" {
            guard let (decoded, used) = try Self.chunks(rest) else { return nil }
            body = decoded
            length = end.upperBound + used
        } else {
            guard atEnd else { return nil }
            body = Array(rest)
            length = bytes.count
        }
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) throws -> (body: [UInt8], used: Int)? {
        var (body, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes)
        while true {
            guard let line = rest.firstRange(of: [13, 10]) else { return nil }
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                throw HTTPConnection.Failure(description: "not a chunk size")
            }
            rest = rest[line.upperBound...]
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
            if size == 0 { return (body, bytes.count - rest.count) }
        }
    }
}
