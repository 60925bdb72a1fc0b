// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Values by name that live as long as a request or a connection.
///
///     context.session["user"] = user                                  // in middleware
///     guard let user: User = context.session["user"] else { … }       // in the action
public final class Session: Sendable {
    private let values = Mutex<[ByteKey: any Sendable]>([:])

    package init() {}

    /// The value of that name, or `nil` when there is none or it has another type; writing `nil` removes it.
    ///
    /// - Parameter name: Any text.
    public subscript<Value: Sendable>(name: String) -> Value? {
        get { values.withLock { $0[ByteKey(name)] } as? Value }
        set { values.withLock { $0[ByteKey(name)] = newValue } }
    }
}
