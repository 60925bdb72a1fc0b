// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime

/// What a request is answered with, whichever version of HTTP carries it.
///
/// Whoever changes responses – to compress them, say – does so here, before ``RequestResponder`` hands them to the
/// connection.
struct WebResponse {
    enum Layout {
        /// With the configured headers and the session cookie.
        case full
        /// Nothing but the headers given.
        case bare
    }

    enum Body {
        case bytes([UInt8])
        /// The file is the response's from now on: whoever sends or drops it closes it.
        case file(FileBody)
        /// A body whose length is known when it has ended.
        case stream(ByteStream)
    }

    enum ContentLength {
        case body
        /// The body's, where and as the reference's HTTP library writes it.
        case lastInCapitals
        case explicit(Int)
        /// For the connection to say how the end will be known.
        case unknown
        case none
    }

    var status = 200
    var layout = Layout.full
    /// `nil` for JSON, or for what the headers say.
    var contentType: String?
    /// Whether the body is JSON unless something else is said.
    var hasDefaultType = true
    /// Headers of many responses, in place of the configured ones and of the content type.
    var usual: UsualHeaders?
    var headers: [(name: String, value: String)] = []
    var directHeaders: [(name: String, value: String)] = []
    /// Headers behind the others, in small letters: etag, content-encoding.
    var lateHeaders: [(name: String, value: String)] = []
    var body = Body.bytes([])
    /// What `content-length` says.
    var contentLength = ContentLength.body
    /// Whether the body is sent; the answer to HEAD may have the length of one that is not.
    var sendsBody = true
    /// Whether it is counted as a response of the application.
    var isCounted = true

    /// Whether a body follows the head.
    var hasBody: Bool { sendsBody && HTTPStatus.allowsBody(status) }

    /// How many bytes the body has; none for one that is sent piece by piece.
    var bodyCount: Int {
        if case .bytes(let bytes) = body { return bytes.count }
        return 0
    }
}
