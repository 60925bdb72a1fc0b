// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRuntime

/// Actions whose names clients on sockets use for something else: the host refuses them when it starts (HB306).
enum ReservedNames {
    /// - Parameters:
    ///   - sources: Paths and texts of the sources of a bundle.
    ///   - protocols: Those of the SDK and of the libraries.
    /// - Returns: Lines in the compiler's form. A name that is computed is left to the host.
    static func warnings(_ sources: [(path: String, text: String)], knowing protocols: HostProtocols) -> [String] {
        sources.flatMap { source in
            let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
            let named = lines.enumerated().filter { _, line in
                line.contains("static let name") || line.contains("static var name")
            }
            let known = protocols.adding([source.text])
            let actions = DeclaredTypes(in: source.text).declarations.filter { known.protocolName(of: $0) == "Action" }
            guard !actions.isEmpty else { return [String]() }
            if !named.isEmpty {
                return named.compactMap { number, line in
                    literal(line).flatMap { warning(source.path, number + 1, $0) }
                }
            }
            return actions.compactMap { action in
                let type = action.name.split(separator: ".").last ?? ""
                return warning(source.path, action.line, type.prefix(1).lowercased() + type.dropFirst())
            }
        }
    }

    private static func literal(_ line: Substring) -> String? {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count > 2 ? String(parts[1]) : nil
    }

    private static func warning(_ path: String, _ line: Int, _ name: String) -> String? {
        guard ActionRegistry.reservedNames.contains(name) else { return nil }
        return "\(path):\(line):1: warning: \(name) is a reserved verb for connections: the host will refuse an action "
            + "of that name (HB306); choose another one"
    }
}
