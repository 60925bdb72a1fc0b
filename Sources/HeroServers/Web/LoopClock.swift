// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The parts of responses that change with time, formatted once a second.
///
/// Used by one loop only. A class, because each response would copy its parts otherwise.
final class LoopClock {
    private var second = Int.min
    /// The time as headers have it, for example `Sat, 21 Nov 2026 04:10:44 GMT`.
    private(set) var dateText = ""
    /// The same with its name and its line end.
    private(set) var dateHeader: [UInt8] = []
    /// Everything behind the value of a session cookie, with its line end.
    private var cookieAttributes: [UInt8] = []
    /// The same for a client that speaks https.
    private var secureCookieAttributes: [UInt8] = []
    private let settings: WebConfiguration.FingerprintSettings

    init(_ configuration: WebConfiguration) {
        settings = configuration.fingerprintOptions.settings
    }

    func attributes(of cookie: SessionCookie) -> [UInt8] {
        cookie.isSecure ? secureCookieAttributes : cookieAttributes
    }

    func update(_ now: WallTime) {
        let current = now.milliseconds / 1000
        guard current != second else { return }
        second = current
        dateText = HTTPDate.format(now)
        dateHeader = Array("Date: \(dateText)\r\n".utf8)
        let attributes = attributes(now)
        cookieAttributes = Array("\(attributes)\(settings.secure == true ? "Secure;" : "")\r\n".utf8)
        secureCookieAttributes = Array("\(attributes)\(settings.secure == false ? "" : "Secure;")\r\n".utf8)
    }

    private func attributes(_ now: WallTime) -> String {
        var text = settings.path.map { ";path=\($0);" } ?? ";"
        if let lifetime = settings.expires {
            text += "expires=\(HTTPDate.format(WallTime(milliseconds: now.milliseconds + lifetime)));"
        }
        if let domain = settings.domain { text += "domain=\(domain);" }
        if settings.httpOnly { text += "HttpOnly;" }
        if let sameSite = settings.sameSite { text += "SameSite=\(sameSite);" }
        return text
    }
}
