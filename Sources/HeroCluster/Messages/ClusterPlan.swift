// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What the process that checks and freezes has found.
package struct ClusterPlan: Codable, Sendable {
    package struct Listener: Codable, Sendable, Hashable {
        /// The server's name: `web`.
        package let name: String
        /// The host of a TCP socket.
        package var host: String?
        package var port: Int?
        /// The path of a Unix socket.
        package var path: String?
        package var mode: UInt32?
        package var group: UInt32?

        package init(name: String) { self.name = name }

        /// Paths are bytes: what Swift takes for the same text may be two files.
        package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

        package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

        private var bytes: [ByteKey] {
            [name, host ?? "", path ?? "", "\(port ?? -1) \(mode ?? .max) \(group ?? .max)"].map(ByteKey.init)
        }
    }

    package let generation: Int
    /// SHA-256 over what makes up the generation.
    package let content: String
    package let listeners: [Listener]
    package let settings: ClusterSettings
    package let keepGenerations: Int
    package let warnings: [String]
    /// Where workers of the generation write their pidfiles, and how many files its configuration has; `nil` from an
    /// executable that did not say so.
    package var pidDirectory: String?
    package var configurationFiles: Int?

    package init(
        generation: Int, content: String, listeners: [Listener], settings: ClusterSettings, keepGenerations: Int,
        warnings: [String]
    ) {
        self.generation = generation
        self.content = content
        self.listeners = listeners
        self.settings = settings
        self.keepGenerations = keepGenerations
        self.warnings = warnings
    }
}
