// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroBundles

extension HeroApplication {
    /// Looks at who may change what lies at a path, for servers that are about to write there.
    ///
    /// - Parameter path: Relative to the project or absolute.
    /// - Throws: `UntrustedProject`.
    package func requireTrusted(_ path: String) throws {
        var trust = ProjectTrust(root: projectRoot)
        try trust.check([path])
    }
}
