// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Who may connect to a Unix socket.
package struct SocketAccess: Sendable, Hashable {
    /// Permissions of the file.
    package var mode: UInt32
    /// `nil` for the group that the file gets by itself.
    package var group: UInt32?

    package init(mode: UInt32 = 0o777, group: UInt32? = nil) {
        self.mode = mode
        self.group = group
    }
}
