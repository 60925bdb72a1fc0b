// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The protocols whose types the host looks for: those of the SDK, and a project's own that inherit from them.
struct HostProtocols: Sendable {
    /// Protocols of the SDK, each with the directory of what conforms to it.
    static let directories = [
        "Action": "actions", "ActionMiddleware": "middleware", "ConnectionMiddleware": "middleware",
        "TaskMiddleware": "middleware", "BackgroundTask": "tasks", "Initializer": "initializers", "Command": "commands",
    ]

    /// The SDK's protocol by the name of each.
    private var names = Dictionary(uniqueKeysWithValues: directories.keys.map { ($0, $0) })

    /// - Parameter sources: Swift.
    /// - Returns: With the protocols, and aliases of protocols, that they declare.
    func adding(_ sources: [String]) -> HostProtocols {
        var known = self
        let declarations = sources.flatMap { DeclaredTypes(in: $0).declarations }.filter {
            ["protocol", "typealias"].contains($0.keyword)
        }
        var isComplete = false
        while !isComplete {
            isComplete = true
            for declaration in declarations where known.names[declaration.name] == nil {
                guard let found = known.protocolName(of: declaration) else { continue }
                known.names[declaration.name] = found
                isComplete = false
            }
        }
        return known
    }

    /// - Returns: The protocol of the SDK that a declaration conforms to by its words; nothing if there is none.
    func protocolName(of declaration: DeclaredTypes.Declaration) -> String? {
        declaration.inherited.lazy.compactMap { names[$0] }.first
    }
}
