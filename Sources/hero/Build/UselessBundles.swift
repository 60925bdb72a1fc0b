// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles

/// Bundles that define nothing for the host: it refuses all bundles of a project then (HB302).
enum UselessBundles {
    /// - Parameters:
    ///   - source: The path and the text of the source of a bundle.
    ///   - protocols: Those of the SDK and of the libraries.
    ///   - bundle: What was built of it.
    /// - Returns: A line in the compiler's form; none where the host may find something that has no trace in the file.
    static func warning(
        _ source: (path: String, text: String), knowing protocols: HostProtocols, _ bundle: [UInt8]
    ) -> String? {
        guard let types = try? BundleFile.typeNames(in: bundle), types.isEmpty else { return nil }
        let known = protocols.adding([source.text])
        let mayBeFound = DeclaredTypes(in: source.text).declarations.contains { declaration in
            // A class inherits a conformance, and a type of a library may get one here.
            (declaration.keyword == "class" && !declaration.inherited.isEmpty)
                || (declaration.keyword == "extension" && known.protocolName(of: declaration) != nil)
        }
        guard !mayBeFound else { return nil }
        let role = BundleRole.ofBundles.first { source.path.hasPrefix("\($0.kind.directory)/") }
        return
            "\(source.path):1:1: warning: it defines no \(role?.kind.noun ?? "Action"), so the host will load no bundle of "
            + "this project (HB302); code that others use belongs into \(ProjectLibraries.directory)/NAME/"
    }
}
