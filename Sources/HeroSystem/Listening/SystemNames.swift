// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Users and groups of the system by name or number.
package enum SystemNames {
    /// - Returns: `nil` when there is no such user.
    package static func user(_ text: String) -> UInt32? { UInt32(text) ?? getpwnam(text)?.pointee.pw_uid }

    /// - Returns: `nil` when there is no such group.
    package static func group(_ text: String) -> UInt32? { UInt32(text) ?? getgrnam(text)?.pointee.gr_gid }
}
