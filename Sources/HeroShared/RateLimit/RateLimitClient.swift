// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Whose requests are counted together.
enum RateLimitClient: Hashable {
    /// An address; whoever has one of IPv6 has 2⁶⁴ of them, so the rest is 0 there.
    case address(IPAddress)
    /// What stands for an address where there is none.
    case place(ByteKey)
    /// The value of a header, which the client can choose.
    case header(ByteKey)

    /// - Parameters:
    ///   - connection: Who asks.
    ///   - key: `general.rateLimit.key`.
    init(_ connection: Connection, key: String) {
        if key != "address", let value = connection.request?.header(key) {
            self = .header(ByteKey(value))
        } else if let address = IPAddress(connection.remoteIP) {
            self = .address(address.isV4 ? address : IPAddress(network: address.high))
        } else {
            self = .place(ByteKey(connection.remoteIP))
        }
    }

    /// A key of Redis ends so; of what a client chooses there is a digest only, which is short and tells nothing.
    var name: String {
        switch self {
        case .address(let address): address.isV4 ? address.text : "\(address.text)/64"
        case .place(let place): place.text
        case .header(let value): "header:\(SHA256.hexadecimal(Array(value.text.utf8)))"
        }
    }
}
