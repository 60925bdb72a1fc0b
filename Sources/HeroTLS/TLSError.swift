// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Why a TLS connection ended.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The peers could not agree, or one did not trust the other.
        case handshake
        /// The peer spoke plain HTTP.
        case plaintext
        /// The connection ended before the peer said that it would: what was received may not be whole.
        case truncated
        /// What the peer sent is not TLS, or was changed on its way.
        case record
        /// This process could not set up the connection.
        case setup
    }

    package let kind: Kind
    /// In OpenSSL's words where it has any.
    package let reason: String

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    package var description: String { reason }

    /// Takes what OpenSSL has noted for this thread.
    ///
    /// - Returns: Its reason for the latest failure, or `nil` when it has noted nothing.
    static func takeReason() -> String? {
        var reason: String?
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return reason }
            if let text = ERR_reason_error_string(code) { reason = String(cString: text) }
        }
    }
}

/// The configuration of TLS cannot be used.
package struct TLSRefusal: Error, Sendable, CustomStringConvertible {
    /// Which setting is to blame: `cert`, `key`, `ca`, `ocsp`, `ciphers`.
    package let setting: String
    /// For a person, behind the name of the setting: what is wrong and what to do.
    package let reason: String

    package init(_ setting: String, _ reason: String) {
        self.setting = setting
        self.reason = reason
    }

    package var description: String { "\(setting) \(reason)" }
}
