// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A cookie to set (RFC 6265).
public struct Cookie: Sendable, Hashable {
    /// Which requests from other sites carry the cookie.
    public enum SameSite: String, Sendable, Hashable {
        /// Only requests of the same site.
        case strict = "Strict"
        /// Also when a link leads here.
        case lax = "Lax"
        /// All requests; browsers ask for `Secure` with it.
        case none = "None"
    }

    /// The cookie's name.
    public var name: String
    /// Its value, sent as it is: ASCII without spaces, commas, semicolons, backslashes and control characters.
    ///
    /// Whatever has others is encoded by the action first, for example with percent signs.
    public var value: String
    /// Below which path it is sent.
    ///
    /// Default: `/`.
    public var path: String = "/"
    /// To which hosts it is sent.
    ///
    /// Default: this one.
    public var domain: String?
    /// How long it is kept, in whole seconds; `nil` until the browser closes.
    public var maxAgeSeconds: Int?
    /// Whether it is sent over TLS only.
    ///
    /// Default: `false`.
    public var isSecure: Bool = false
    /// Whether it is hidden from scripts.
    ///
    /// Default: `true`.
    public var isHTTPOnly: Bool = true
    /// Which requests from other sites carry it.
    ///
    /// Default: ``SameSite/lax``.
    public var sameSite: SameSite = .lax

    /// Makes a cookie.
    ///
    /// - Parameters:
    ///   - name: The cookie's name.
    ///   - value: Its value.
    ///   - maxAgeSeconds: How long it is kept; `nil` until the browser closes, 0 removes it.
    public init(_ name: String, _ value: String, maxAgeSeconds: Int? = nil) {
        self.name = name
        self.value = value
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// Whether it arrives as it is (RFC 6265, 4.1.1).
    var isValid: Bool {
        func isQuiet(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x3B } }
        let separators = Array("()<>@,;:\\\"/[]?={} \t".utf8)
        return !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !separators.contains($0) }
            && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != 0x3B && $0 != 0x5C }
            && isQuiet(path) && isQuiet(domain ?? "")
    }

    var headerValue: String {
        var text = "\(name)=\(value); Path=\(path)"
        if let domain { text += "; Domain=\(domain)" }
        if let maxAgeSeconds { text += "; Max-Age=\(maxAgeSeconds)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}
