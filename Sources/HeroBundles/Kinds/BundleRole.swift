// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a directory's bundles are expected to hold, as generations that are stored say it.
///
/// A bundle may hold other things as well.
package enum BundleRole: String, Sendable, Hashable, Codable, CaseIterable {
    // In the order in which they are loaded.
    case library
    case initializer
    case middleware
    case action
    case task
    case server
    case command
}

/// One kind of bundles: everything that differs between them, in one table.
package struct BundleKind: Sendable {
    /// What the files of a directory are.
    enum Contents {
        /// Libraries, which define nothing for the host.
        case libraries
        /// Bundles with types that conform to one of these.
        case types([SDKProtocol])
        /// Nothing yet: this version's SDK has no protocol for it.
        case future
    }

    /// Below the project.
    package let directory: String
    /// What a person calls the thing that such a bundle should define: the names of the SDK's protocols.
    package let noun: String
    let contents: Contents
    /// How a sentence names one, where `hero generate` can write it.
    ///
    /// Its templates have the role's name.
    package let generated: String?

    /// Whether this host has a use for files of the directory.
    package var isSupported: Bool { if case .future = contents { false } else { true } }

    private init(_ directory: String, _ noun: String, _ contents: Contents, generated: String? = nil) {
        (self.directory, self.noun, self.contents, self.generated) = (directory, noun, contents, generated)
    }

    fileprivate static func of(_ role: BundleRole) -> BundleKind {
        switch role {
        case .library: BundleKind("lib", "shared library", .libraries)
        case .initializer:
            BundleKind("initializers", "Initializer", .types([.initializer]), generated: "an initializer")
        case .middleware:
            BundleKind(
                "middleware", "ActionMiddleware, ConnectionMiddleware or TaskMiddleware",
                .types([.actionMiddleware, .connectionMiddleware, .taskMiddleware]), generated: "a middleware")
        case .action: BundleKind("actions", "Action", .types([.action]), generated: "an action")
        case .task: BundleKind("tasks", "BackgroundTask", .types([.backgroundTask]), generated: "a task")
        case .server: BundleKind("servers", "servers", .future)
        case .command: BundleKind("commands", "Command", .types([.command]), generated: "a command")
        }
    }
}

extension BundleRole {
    /// This role's line of the table.
    package var kind: BundleKind { .of(self) }

    /// Roles whose directories hold bundles, and sources that become bundles.
    package static let ofBundles = allCases.filter { $0 != .library }

    /// Roles whose directories this host has a use for.
    package static let supported = allCases.filter(\.kind.isSupported)
}
