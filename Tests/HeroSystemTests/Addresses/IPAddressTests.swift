// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroSystem

@Suite("addresses")
struct IPAddressTests {
    @Test(
        "are written as they are customarily",
        arguments: [
            ("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::", "::"),
            ("255.255.255.255", "255.255.255.255"),
        ])
    func text(given: String, text: String) { #expect(IPAddress(given)?.text == text) }

    @Test("anything else is none", arguments: ["", "1.2.3", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "a", "1.2.3.256"])
    func refused(text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "networks hold the addresses that begin as they do",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "9.9.9.9", true),
            ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "1.2.3.4", true), ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false), ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
            ("2001:db8::/65", "2001:db8::8000:0:0:1", false), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ])
    func networks(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "networks that are none", arguments: ["10.0.0.0/33", "10.0.0.0/", "::/129", "x", "10/8", "1.2.3.4/8/9", "/8"])
    func refusedNetworks(text: String) { #expect(IPNetwork(text) == nil) }
}
