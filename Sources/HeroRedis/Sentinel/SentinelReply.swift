// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Reads what sentinels say, none of which is taken for granted.
package enum SentinelReply {
    /// `SENTINEL get-master-addr-by-name`.
    package enum Primary: Sendable, Hashable {
        case address(NodeAddress)
        /// The sentinel does not watch a primary of that name.
        case unknown
        case wrong(String)
    }

    package static func primary(_ reply: RESPValue) -> Primary {
        if reply.isNull { return .unknown }
        guard let fields = reply.elements, fields.count == 2, let host = fields[0].text, let port = fields[1].integer
        else { return .wrong("its answer is no address") }
        guard let address = NodeAddress(checkedHost: host, port: port, fallbackHost: nil) else {
            return .wrong("its answer, host `\(host.prefix(64))` and port \(port), is no address")
        }
        return .address(address)
    }

    /// `SENTINEL sentinels`: the other sentinels that this one knows, without those it has lost.
    package static func sentinels(_ reply: RESPValue) -> [NodeAddress] {
        (reply.elements ?? []).compactMap { entry in
            let words = (entry.elements ?? []).map { $0.text ?? "" }
            func value(_ name: String) -> String? {
                stride(from: 0, to: words.count - 1, by: 2).first { words[$0] == name }.map { words[$0 + 1] }
            }
            let flags = (value("flags") ?? "").split(separator: ",")
            guard !flags.contains("disconnected"), !flags.contains("s_down"), let host = value("ip"),
                let port = value("port").flatMap({ Int($0) })
            else { return nil }
            return NodeAddress(checkedHost: host, port: port, fallbackHost: nil)
        }
    }

    /// A message of `+switch-master`: name, old host and port, new host and port.
    ///
    /// - Returns: `nil` for messages about other primaries, and for anything that is no such message.
    package static func newPrimary(_ payload: [UInt8], of name: String) -> (old: NodeAddress, new: NodeAddress)? {
        let words = String(decoding: payload, as: UTF8.self).split(separator: " ")
        guard words.count == 5, words[0] == name, let oldPort = Int(words[2]), let newPort = Int(words[4]),
            let old = NodeAddress(checkedHost: String(words[1]), port: oldPort, fallbackHost: nil),
            let new = NodeAddress(checkedHost: String(words[3]), port: newPort, fallbackHost: nil)
        else { return nil }
        return (old, new)
    }

    /// A message of `+promoted-slave`, which the sentinel that leads a failover sends as soon as a replica has become the
    /// primary, when the others still have to be told: `slave` name host port `@` name host port.
    ///
    /// - Returns: `nil` for messages about other primaries, and for anything that is no such message.
    package static func promoted(_ payload: [UInt8], of name: String) -> (old: NodeAddress, new: NodeAddress)? {
        let words = String(decoding: payload, as: UTF8.self).split(separator: " ")
        guard words.count == 8, words[0] == "slave", words[4] == "@", words[5] == name, let newPort = Int(words[3]),
            let oldPort = Int(words[7]),
            let new = NodeAddress(checkedHost: String(words[2]), port: newPort, fallbackHost: nil),
            let old = NodeAddress(checkedHost: String(words[6]), port: oldPort, fallbackHost: nil)
        else { return nil }
        return (old, new)
    }
}
