// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The name of this process: in the log, in locks, among the members of a cluster.
package enum ServerIdentity {
    /// - Parameters:
    ///   - title: `--title`.
    ///   - environment: `ACTIONHERO_TITLE` is looked up here.
    ///   - configured: `general.id`.
    /// - Returns: The first of those that is given, otherwise the machine's last IPv4 address that is not 127.0.0.1.
    package static func determine(title: String?, environment: [String: String], configured: String?) -> String {
        let candidates = [Self.title(title, environment: environment), configured]
        return candidates.compactMap { $0 }.first { !$0.isEmpty } ?? externalAddress ?? "actionhero"
    }

    /// The title that a person has given, by `--title` or else by `ACTIONHERO_TITLE`.
    package static func title(_ flag: String?, environment: [String: String]) -> String? {
        [flag, environment["ACTIONHERO_TITLE"]].compactMap { $0 }.first { !$0.isEmpty }
    }

    /// `a b:c` becomes `a_b-c`.
    package static func sanitized(_ id: String) -> String {
        var trimmed = id[...]
        while trimmed.first?.isWhitespace == true { trimmed.removeFirst() }
        while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
        var name = ""
        for character in trimmed {
            name.append(character == ":" || character == "/" ? "-" : character == " " ? "_" : character)
        }
        return name
    }

    private static var externalAddress: String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var found: String?
        var next = list
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard let address = interface.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if name != "127.0.0.1" { found = name }
        }
        return found
    }
}
