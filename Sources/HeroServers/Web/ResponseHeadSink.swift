// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// How the head of a response goes on the wire: as the text of HTTP/1.1 or as the fields of HTTP/2.
///
/// Used as a generic parameter, so that writing bytes costs no more than writing them without it.
protocol ResponseHeadSink {
    mutating func writeStatus(_ status: Int)
    /// Status 200 and the usual headers.
    mutating func writeUsualStart(_ usual: UsualHeaders)
    mutating func writeUsual(_ usual: UsualHeaders)
    mutating func writeField(_ name: String, _ value: String)
    mutating func writeCookie(_ cookie: SessionCookie, _ clock: LoopClock)
    /// Writes how long the body is.
    ///
    /// - Parameters:
    ///   - length: In bytes.
    ///   - inCapitals: The name is written so, where capitals exist.
    mutating func writeLength(_ length: Int, inCapitals: Bool)
    /// When the response was made, and whether the connection can be used again.
    mutating func writeDateAndConnection(_ clock: LoopClock)
    /// How the end of a body will be known whose length is not.
    mutating func writeUnknownLength()
    mutating func endHead()
}

/// The cookie by which a client is known again, without its attributes.
struct SessionCookie {
    /// The header's name, the cookie's name and the sign behind it.
    let prefix: [UInt8]
    let fingerprint: Fingerprint
    /// The client speaks https, as far as the proxies in front tell.
    let isSecure: Bool
}
