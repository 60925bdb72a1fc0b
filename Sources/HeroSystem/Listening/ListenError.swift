// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A server cannot listen where it was told to.
package struct ListenError: Error, Sendable, CustomStringConvertible {
    package let address: ListenAddress
    package let reason: String

    init(_ address: ListenAddress, reason: String) {
        self.address = address
        self.reason = reason
    }

    init(_ address: ListenAddress, _ access: SocketAccess, _ code: Int32) {
        let group = access.group.map { " and the group \($0), in which this process's user has to be" } ?? ""
        self.init(
            address, "chmod", code,
            because: "the socket cannot be given the mode 0\(String(access.mode, radix: 8))\(group)")
    }

    init(_ address: ListenAddress, _ operation: String, _ code: Int32, because reason: String? = nil) {
        let text = String(cString: strerror(code))
        let lowercased = text.prefix(1).lowercased() + text.dropFirst()
        let name = Self.names[code].map { "\($0): " } ?? ""
        // The words of the reference, which monitoring looks for.
        self.init(
            address, reason: "Error: \(operation) \(name)\(lowercased) \(address)\(reason.map { ": \($0)" } ?? "")")
    }

    private static let names: [Int32: String] = [
        EPERM: "EPERM", EACCES: "EACCES", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", EMFILE: "EMFILE",
        ENOENT: "ENOENT", ENAMETOOLONG: "ENAMETOOLONG",
    ]

    package var description: String { "\(address) => \(reason)" }
}
