// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where a server listens.
package enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// A port, or the path of a Unix socket in its place.
    package enum Port: Sendable, Hashable, Decodable {
        case number(Int)
        case path(String)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else {
                self = .path(try container.decode(String.self))
            }
        }
    }

    package init(port: Port, bindIP: String?) {
        switch port {
        case .path(let path): self = .unix(path: path)
        case .number(let number): self = .tcp(host: bindIP ?? "::", port: number)
        }
    }

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
