// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroRuntime

/// The generation that a candidate has tried, as the next program finds it: what has come onto the disk since is for the next
/// deploy.
struct HandedOverGeneration {
    /// With the configuration as it was tried.
    let setup: ProcessSetup
    private let number: Int?
    private let store = GenerationStore(projectRoot: Project.root)

    /// - Parameters:
    ///   - number: Of the generation; `nil` when there was no candidate.
    ///   - setup: Of the process.
    init(_ number: Int?, _ setup: ProcessSetup) {
        var setup = setup
        if let number {
            setup.environment["ACTIONHERO_CONFIG"] = store.configurationDirectories(number).joined(separator: ",")
        }
        (self.number, self.setup) = (number, setup)
    }

    /// Certificates and keys as they were tried; `nil` without a candidate.
    var files: CompanionFiles? {
        number.map { CompanionFiles(projectRoot: Project.root, frozenIn: store.companionDirectory($0)) }
    }

    /// - Returns: `nil` without a candidate.
    /// - Throws: Errors of the store, `BundlesRefused`.
    func bundles() throws -> (bundles: [LoadedBundle], held: HeldGeneration)? {
        guard let number else { return nil }
        let held = try store.open(number)
        var loader = BundleLoader(held)
        let bundles = try loader.load { _ in true }
        MainThread.bundlesAreLoaded()
        return (bundles, held)
    }
}
