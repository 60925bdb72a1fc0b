// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a request will be answered with, beside what the action returns.
///
/// Status, headers and cookies matter to HTTP only; other kinds of connections ignore them.
public struct Response: Sendable {
    let host: any ResponseHost

    package init(host: any ResponseHost) { self.host = host }

    /// The HTTP status, 200 to 599.
    ///
    /// A status that is set wins over the one that an error would choose. Default: `nil`, which is 200 or the error's.
    public var status: Int? {
        get { host.status }
        nonmutating set { host.status = newValue }
    }

    /// The response as it stands: before the action what middleware has put there, after it also what the action
    /// returned.
    ///
    /// Anything but an object replaces the whole response and is answered without the usual members about server and
    /// requester.
    public var data: JSON {
        get { host.data }
        nonmutating set { host.data = newValue }
    }

    /// A member of the response; writing `nil` removes it.
    ///
    /// Members that the action returns replace those of the same name.
    public subscript(name: String) -> JSON? {
        get { host.data[name] }
        nonmutating set { host.data[name] = newValue }
    }

    /// Adds a header.
    ///
    /// Of several with one name the last wins, except that every `Set-Cookie` is sent.
    ///
    /// - Parameters:
    ///   - name: The header's name; written in small letters.
    ///   - value: Its value. Line breaks are refused: the header is not added and a warning is logged.
    public func addHeader(_ name: String, _ value: String) { host.addHeader(name, value) }

    /// Sets a header that comes before all others and keeps its capitals.
    ///
    /// - Parameters:
    ///   - name: The header's name.
    ///   - value: Its value. Line breaks are refused: the header is not set and a warning is logged.
    public func setHeader(_ name: String, _ value: String) { host.setHeader(name, value) }

    /// Whether what `send` answers has the configured headers and the session cookie.
    ///
    /// These are `web.httpHeaders`, what `web.cors` adds, and what ``addHeader(_:_:)`` has added; a header that is given to
    /// `send` counts in place of one with the same name. Set it to `false` for a response with no other headers than those
    /// given to `send` and to ``setHeader(_:_:)``, written as they are. Default: `true`.
    public var hasConfiguredHeaders: Bool {
        get { host.hasConfiguredHeaders }
        nonmutating set { host.hasConfiguredHeaders = newValue }
    }

    /// Adds a cookie.
    ///
    /// - Parameter cookie: What the browser is to keep. One that cannot be sent as it is – its name, value, path or domain
    ///   has characters that end it – is not added and a warning is logged.
    public func setCookie(_ cookie: Cookie) {
        if cookie.isValid { host.addHeader("Set-Cookie", cookie.headerValue) } else { host.leaveOut(cookie) }
    }

    /// Sends the client elsewhere, in place of the action's output.
    ///
    /// - Parameters:
    ///   - location: An address, whole or beginning with a slash; what cannot stand in an address is encoded. An address
    ///     that a client has sent should be checked first: it may lead to any site.
    ///   - status: 301 and 308 for ever, 302 and 307 for now, 303 to look at a result with GET. 307 and 308 keep the
    ///     request's method.
    public func redirect(to location: String, status: Int = 302) {
        let address = Self.encoded(location)
        host.status = status
        host.send(
            ResponseBody(
                .bytes(Array("You are being redirected to \(address)\r\n".utf8)),
                headers: [("Location", address), ("Content-Type", "text/plain; charset=utf-8")], hasUsualHeaders: true))
    }

    /// Spaces, control characters and everything that is not ASCII, by percent signs.
    private static func encoded(_ location: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in location.utf8 {
            if byte > 0x20, byte < 0x7F {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Answers bytes in place of the action's output.
    ///
    /// - Parameters:
    ///   - body: The bytes, kept in memory until they are written.
    ///   - headers: Name and value in order, for example `["Content-Type": "image/png"]`; see ``hasConfiguredHeaders``.
    public func send(_ body: [UInt8], headers: KeyValuePairs<String, String> = [:]) {
        host.send(ResponseBody(.bytes(body), headers: headers.map { ($0.key, $0.value) }))
    }

    /// Answers text in place of the action's output.
    ///
    /// - Parameters:
    ///   - body: The text, sent in UTF-8.
    ///   - headers: Name and value in order, for example `["Content-Type": "text/plain; charset=utf-8"]`; see
    ///     ``hasConfiguredHeaders``.
    public func send(_ body: String, headers: KeyValuePairs<String, String> = [:]) {
        send(Array(body.utf8), headers: headers)
    }

    /// Answers a public file in place of the action's output.
    ///
    /// - Parameter path: The file's path below one of the public directories; a path that leaves them or names nothing, as
    ///   an empty one, is answered with 404.
    public func send(file path: String) { host.send(ResponseBody(.file(path), headers: [])) }

    /// Answers chunks as they come, in place of the action's output.
    ///
    /// The sequence is read only as fast as the client takes the data. When the client goes away its iteration is
    /// cancelled. When it throws, the connection is cut so that the client cannot mistake the answer for a whole one.
    ///
    /// - Parameters:
    ///   - chunks: The bytes to send, in pieces of any size.
    ///   - headers: Name and value in order, for example `["Content-Type": "text/csv"]`; see ``hasConfiguredHeaders``.
    public func send(
        stream chunks: some AsyncSequence<[UInt8], any Error> & Sendable,
        headers: KeyValuePairs<String, String> = [:]
    ) {
        let stream = ByteStream { write in
            for try await chunk in chunks { try await write(chunk) }
        }
        host.send(ResponseBody(.stream(stream), headers: headers.map { ($0.key, $0.value) }))
    }

    /// Answers chunks as they come, in place of the action's output.
    ///
    /// - Parameters:
    ///   - chunks: The bytes to send, in pieces of any size.
    ///   - headers: Name and value in order, for example `["Content-Type": "text/csv"]`; see ``hasConfiguredHeaders``.
    public func send(
        stream chunks: some AsyncSequence<[UInt8], Never> & Sendable, headers: KeyValuePairs<String, String> = [:]
    ) {
        let stream = ByteStream { write in
            for await chunk in chunks { try await write(chunk) }
        }
        host.send(ResponseBody(.stream(stream), headers: headers.map { ($0.key, $0.value) }))
    }
}
