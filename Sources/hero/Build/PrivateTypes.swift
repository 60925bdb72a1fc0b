// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Types of a source that are meant for the host and that it would not see.
///
/// The optimizer drops private types that no code mentions, and nothing of an action is mentioned by code: the bundle would
/// be built, and the action be missing. The compiler does not say which types it drops, so what a source declares is
/// compared with what the bundle holds.
enum PrivateTypes {
    /// What the compiler would have to say about a bundle that lacks what its sources declare.
    ///
    /// - Parameters:
    ///   - sources: Paths and texts of the sources.
    ///   - protocols: Those of the SDK and of the libraries.
    ///   - types: Names of the types of the bundle that conform to protocols of the SDK, without those of the types around
    ///     them.
    /// - Returns: Lines in the compiler's form; empty when nothing is missing.
    static func diagnostics(
        _ sources: [(path: String, text: String)], knowing protocols: HostProtocols, without types: Set<String>
    ) -> [UInt8] {
        let text = meant(sources, protocols).filter { _, found, _ in found.isPrivate }.map { path, found, name in
            let type = found.name.split(separator: ".").last.map(String.init) ?? found.name
            if types.contains(type) { return "" }
            return """
                \(path):\(found.line):1: error: '\(found.name)' is private, so the optimizer drops it and the host would \
                not see this \(name); take 'private' away

                """
        }
        return Array(text.joined().utf8)
    }

    /// Warns of a library that declares actions or other types that belong into bundles.
    ///
    /// - Parameters:
    ///   - sources: Paths and texts of the sources.
    ///   - protocols: Those of the SDK and of the libraries.
    /// - Returns: Lines in the compiler's form.
    static func strays(_ sources: [(path: String, text: String)], knowing protocols: HostProtocols) -> [String] {
        // A class may be there to be inherited from.
        meant(sources, protocols).filter { _, found, _ in found.keyword != "class" || found.isFinal }.map {
            path, found, name in
            let directory = HostProtocols.directories[name] ?? "actions"
            return "\(path):\(found.line):1: warning: the host looks for no \(name) in a library and will not see "
                + "'\(found.name)'; move it to \(directory)/"
        }
    }

    private static func meant(
        _ sources: [(path: String, text: String)], _ protocols: HostProtocols
    ) -> [(path: String, found: DeclaredTypes.Declaration, name: String)] {
        let known = protocols.adding(sources.map(\.text))
        return sources.flatMap { source in
            DeclaredTypes(in: source.text).declarations.compactMap { found in
                guard !["protocol", "typealias"].contains(found.keyword) else { return nil }
                return known.protocolName(of: found).map { (source.path, found, $0) }
            }
        }
    }
}
