// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package protocol ResponseHost: AnyObject, Sendable {
    var status: Int? { get set }
    var data: JSON { get set }
    func addHeader(_ name: String, _ value: String)
    func setHeader(_ name: String, _ value: String)
    var hasConfiguredHeaders: Bool { get set }
    /// Reports a cookie that cannot be sent.
    func leaveOut(_ cookie: Cookie)
    func send(_ body: ResponseBody)
    /// For messages that are sent while the response lasts; `nil` where they have another way, or none.
    func openOutbox() -> MessageOutbox?
}

extension ResponseHost {
    package func openOutbox() -> MessageOutbox? { nil }

    /// Only HTTP has headers.
    package var hasConfiguredHeaders: Bool {
        get { true }
        set {}
    }
}

/// An answer that takes the place of the action's output.
///
/// A class for the reason that ``EncodedOutput`` is one.
package final class ResponseBody: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(String)
        case stream(ByteStream)
    }

    package let content: Content
    /// What the action wants to have sent with it.
    package let headers: [(name: String, value: String)]
    /// Whether it has the configured headers and the session cookie even where the action does without.
    package let hasUsualHeaders: Bool

    package init(_ content: Content, headers: [(name: String, value: String)], hasUsualHeaders: Bool = false) {
        self.content = content
        self.headers = headers
        self.hasUsualHeaders = hasUsualHeaders
    }
}
