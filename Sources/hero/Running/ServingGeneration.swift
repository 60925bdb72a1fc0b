// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroCluster
import HeroRuntime
import HeroServers
import HeroShared

/// What a cluster serves, as a new executable finds it: frozen by another one.
struct ServingGeneration {
    private let generation: GenerationID
    private let setup: ProcessSetup

    /// - Parameters:
    ///   - generation: What serves.
    ///   - setup: Of the process that asks.
    init(_ generation: GenerationID, _ setup: ProcessSetup) {
        self.generation = generation
        self.setup = setup
    }

    /// Why this executable's workers could not serve it; nothing of it is run.
    var problems: [String] {
        do {
            let store = GenerationStore(projectRoot: generation.root)
            try checkConfiguration(store)
            return try store.check(generation.number, host: HostInterface.current()).map {
                "\(generation) cannot go on under the new executable: \($0)"
            }
        } catch {
            return ["\(generation) cannot go on under the new executable: \(error)"]
        }
    }

    /// Reads the configuration as a worker does.
    private func checkConfiguration(_ store: GenerationStore) throws {
        var setup = setup
        setup.projectRoot = generation.root
        setup.environment["ACTIONHERO_CONFIG"] = store.configurationDirectories(generation.number)
            .joined(separator: ",")
        setup.logMode = .command
        let application = try setup.makeApplication()
        let files = CompanionFiles(
            projectRoot: generation.root, frozenIn: store.companionDirectory(generation.number))
        _ = try ServerPlans(application, files: files)
        _ = try RedisPlan.read(application, files: files)
    }
}
