// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// What a proxy says about the request that it passes on.
struct ForwardedRequest: Sendable {
    /// `web.proxyHeader`: which header tells the client's address.
    ///
    /// One only: a proxy sets or removes the one that it knows, and passes others on as the client wrote them.
    enum Header: String, Decodable, Sendable {
        case xForwardedFor = "x-forwarded-for"
        case xRealIP = "x-real-ip"
        case forwarded
    }

    /// `nil` when the proxy does not say.
    var client: (address: IPAddress, port: Int)?
    /// `http` or `https`.
    var scheme: String?
    var host: String?

    /// - Parameters:
    ///   - head: A request that came from a trusted proxy.
    ///   - header: Where the client's address stands.
    ///   - proxies: Those who may have had the request before.
    init(_ head: HTTPRequestHead, _ header: Header, _ proxies: TrustedProxies) {
        if header == .forwarded {
            readForwarded(head.list("forwarded", hasQuotes: true), proxies)
            return
        }
        scheme = head.list("x-forwarded-proto").last.flatMap(Self.scheme)
        host = head.list("x-forwarded-host").last.flatMap(Self.authority)
        switch header {
        case .xRealIP: client = head.list("x-real-ip").last.flatMap(Self.endpoint)
        case .xForwardedFor, .forwarded: client = Self.client(head.list("x-forwarded-for"), proxies)
        }
        if let port = head.list("x-forwarded-port").last.flatMap({ Int($0) }), (0...65_535).contains(port) {
            client?.port = port
        }
    }

    /// What a client says that nobody vouches for.
    init(claimedBy head: HTTPRequestHead) {
        readForwarded(head.list("forwarded", hasQuotes: true), TrustedProxies([], listeningOn: .tcp(host: "", port: 0)))
    }

    /// What may stand in `Host`: a proxy may pass on what a client has written, which becomes part of addresses here.
    private static func authority(_ text: String) -> String? {
        var text = text
        return !text.isEmpty && text.withUTF8({ HTTPCharacter.isAuthority(UnsafeRawBufferPointer($0)) }) ? text : nil
    }

    /// The last one that is no trusted proxy: what stands before it may be the client's invention.
    ///
    /// So may what stands before one that cannot be read, such as `unknown`: the nearest proxy that is known counts then.
    private static func client(_ chain: [String], _ proxies: TrustedProxies) -> (address: IPAddress, port: Int)? {
        var client: (address: IPAddress, port: Int)?
        for entry in chain.reversed() {
            guard let next = endpoint(entry) else { break }
            client = next
            if !proxies.contains(next.address) { break }
        }
        return client
    }

    /// RFC 7239; each proxy adds an element.
    private mutating func readForwarded(_ elements: [String], _ proxies: TrustedProxies) {
        for element in elements.reversed() {
            var values: [String: String] = [:]
            for pair in Self.split(element, at: UInt8(ascii: ";")) {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                values[Self.trimmed(parts[0]).lowercased()] = Self.unquoted(Self.trimmed(parts[1]))
            }
            scheme = values["proto"].flatMap(Self.scheme) ?? scheme
            host = values["host"].flatMap(Self.authority) ?? host
            guard let next = values["for"].flatMap(Self.endpoint) else { return }
            client = next
            if !proxies.contains(next.address) { return }
        }
    }

    private static func scheme(_ text: String) -> String? {
        let text = text.lowercased()
        return text == "http" || text == "https" ? text : nil
    }

    /// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
    static func endpoint(_ text: String) -> (address: IPAddress, port: Int)? {
        if let address = IPAddress(text) { return (address, 0) }
        guard let colon = text.lastIndex(of: ":") ?? text.lastIndex(of: "]") else { return nil }
        if text.first == "[", let bracket = text.lastIndex(of: "]"),
            let address = IPAddress(text[text.index(after: text.startIndex)..<bracket])
        {
            let rest = text[text.index(after: bracket)...]
            if rest.isEmpty { return (address, 0) }
            guard rest.first == ":", let port = UInt16(rest.dropFirst()) else { return nil }
            return (address, Int(port))
        }
        guard let address = IPAddress(text[..<colon]), address.isV4,
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        return (address, Int(port))
    }

    /// Divides at a byte that stands in no quoted text.
    ///
    /// By bytes, since a mark behind a comma would make one character of both, and a client could hide the comma that the
    /// proxy has written. Text whose quotes do not end is divided as if it had none, for the same reason.
    static func split(_ text: String, at separator: UInt8, hasQuotes: Bool = true) -> [String] {
        var parts: [[UInt8]] = [[]]
        var (isQuoted, isEscaped) = (false, false)
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                parts.append([])
                continue
            }
            if hasQuotes, byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && byte == UInt8(ascii: "\\") && !isEscaped
            parts[parts.count - 1].append(byte)
        }
        if isQuoted { return split(text, at: separator, hasQuotes: false) }
        return parts.map { trimmed(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return String(text.dropFirst().dropLast()).replacing("\\\"", with: "\"")
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

extension HTTPRequestHead {
    /// The elements of all headers of that name, in their order.
    ///
    /// - Parameters:
    ///   - name: In small letters.
    ///   - hasQuotes: Whether the header knows quoted text, in which a comma divides nothing (RFC 7239, 4).
    /// - Returns: What stands between commas, without blanks; empty elements are left out.
    func list(_ name: StaticString, hasQuotes: Bool = false) -> [String] {
        fields.filter { withBytes($0.name) { ASCII.isEqual($0, to: name) } }
            .flatMap { ForwardedRequest.split(string($0.value), at: UInt8(ascii: ","), hasQuotes: hasQuotes) }
    }
}
