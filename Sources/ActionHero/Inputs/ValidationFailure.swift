// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a value was refused, before the input's name is known.
struct ValidationFailure: Error {
    enum Message {
        /// The reference's text for a validator that returned false.
        case standard
        /// The complete message.
        case whole(String)
        /// What follows the input's name.
        case predicate(String)
    }

    let message: Message

    func text(for name: String) -> String {
        switch message {
        case .standard: "Input for parameter \"\(name)\" failed validation!"
        case .whole(let text): text
        case .predicate(let text): "\(name) \(text)"
        }
    }
}
