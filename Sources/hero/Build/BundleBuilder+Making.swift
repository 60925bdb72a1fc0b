// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles

extension BundleBuilder {
    static func make(
        _ mode: BundleBuilder.Mode, _ libraries: ProjectLibraries
    ) async throws -> BundleBuilder {
        _ = try ModuleNames.prefix.get()
        let host = try HostInterface.current()
        // They say what pkg-config is asked.
        var trust = ProjectTrust(root: Project.root)
        try trust.check([ProjectLibraries.directory] + libraries.packages.map(\.file) + libraries.descriptions)
        let modules = try SharedModules(
            libraries, flags: try await PackageFlags.ask(libraries.packages), in: Project.root)
        return BundleBuilder(
            toolchain: try await Toolchain.find(host: host), host: host,
            layout: try InstallLayout.current(), projectRoot: Project.root, mode: mode, modules: modules,
            directory: try BuildDirectory(in: Project.root, headersFingerprint: modules.headersFingerprint))
    }
}
