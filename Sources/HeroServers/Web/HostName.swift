// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Names of hosts as they are compared.
enum HostName {
    static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    /// A port that the scheme has anyway is no part of the name (RFC 3986, 6.2.3), and neither is an empty one.
    static func withoutUsualPort(_ host: String, of scheme: String) -> String {
        for port in [":", scheme == "https" ? ":443" : ":80"] where host.hasSuffix(port) {
            return String(host.dropLast(port.count))
        }
        return host
    }
}
