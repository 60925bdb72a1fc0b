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
            var setup = setup
            setup.projectRoot = generation.root
            setup.logMode = .command
            let (application, _) = try configuration(setup)
            _ = try ServerPlans(application, files: files)
            return try store.check(generation.number, host: HostInterface.current()).map {
                "\(generation) cannot go on under the new executable: \($0)"
            }
        } catch {
            return ["\(generation) cannot go on under the new executable: \(error)"]
        }
    }

    /// What it says about the process that was set up, as it was frozen.
    func configuration() throws -> (application: HeroApplication, redis: RedisPlan?) { try configuration(setup) }

    private func configuration(_ setup: ProcessSetup) throws -> (application: HeroApplication, redis: RedisPlan?) {
        var setup = setup
        setup.environment["ACTIONHERO_CONFIG"] = store.configurationDirectories(generation.number)
            .joined(separator: ",")
        let application = try setup.makeApplication()
        return (application, try RedisPlan.read(application, files: files))
    }

    private var store: GenerationStore { GenerationStore(projectRoot: generation.root) }

    private var files: CompanionFiles {
        CompanionFiles(projectRoot: generation.root, frozenIn: store.companionDirectory(generation.number))
    }
}
