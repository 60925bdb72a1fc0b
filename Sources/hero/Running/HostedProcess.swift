// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroCluster
import HeroRuntime
import HeroServers
import HeroSystem

/// A process put together: `hero start`, a worker of a cluster, a candidate, the tests of a project and its commands differ
/// in what they ask for here, and in nothing else.
struct HostedProcess {
    let redis: ProcessRedis
    let process: HeroProcess
    /// Keeps the files of the bundles.
    let held: HeldGeneration
    /// Where its servers listen, as the configuration has it.
    let listeners: [ClusterPlan.Listener]

    /// What processes of one kind have of their own.
    struct Kind {
        var servers: Servers
        var redis: (HeroApplication) throws -> ProcessRedis
        var bundles: (HeroApplication) throws -> (bundles: [LoadedBundle], held: HeldGeneration)
        /// Certificates and keys; those of the project when it is `nil`.
        var files: CompanionFiles?
        /// Called before each step of each initializer.
        var onStep: @Sendable (_ step: String, _ initializer: String) -> Void = { _, _ in }
        /// Milliseconds that its stop may take; `nil` for a process that runs no jobs.
        var stopLimit: Int?
    }

    enum Servers {
        /// With sockets that listen already, by the name of their server; the others are opened.
        ///
        /// Those of an earlier program that listened elsewhere (`at`) are closed.
        case serve(inherited: [String: Int32], at: [ClusterPlan.Listener]? = nil)
        /// Only what the configuration says about them.
        case check
        case none
    }

    /// - Parameters:
    ///   - application: The first stage.
    ///   - kind: What the process is for.
    /// - Throws: `BundlesRefused`, `ConfigurationRefused` and what else keeps a process from being made; nothing is left
    ///   behind then.
    init(_ application: HeroApplication, _ kind: Kind) async throws {
        let redis = try kind.redis(application)
        do {
            let (plans, listeners) = try Self.plans(application, kind, redis)
            let (bundles, held) = try kind.bundles(application)
            process = try HeroProcess(
                application, bundles: bundles, files: held.generation.files, checking: RouteCheck.problems,
                on: redis.loop, foundation: redis.steps, makeServers: plans,
                makeWork: { try redis.makeJobs($0, $1, stopLimit: kind.stopLimit) }, onStep: kind.onStep)
            self.held = held
            self.listeners = listeners
        } catch {
            await redis.close()
            throw error
        }
        self.redis = redis
    }

    private static func plans(
        _ application: HeroApplication, _ kind: Kind, _ redis: ProcessRedis
    ) throws -> (HeroProcess.ServerFactory, [ClusterPlan.Listener]) {
        switch kind.servers {
        case .none: return ({ _, _ in [] }, [])
        case .check: return ({ _, _ in [] }, listeners(try ServerPlans(application, files: kind.files)))
        case .serve(let inherited, let places):
            // Meanwhile bundles are loaded.
            redis.connect()
            let plans = try ServerPlans(application, files: kind.files)
            let wanted = listeners(plans)
            let kept = places.map { Self.kept(inherited, at: $0, wanted) } ?? inherited
            plans.announce(application.log)
            return (plans.factory(on: redis.loop, inherited: kept), wanted)
        }
    }

    private static func listeners(_ plans: ServerPlans) -> [ClusterPlan.Listener] {
        plans.listeners.map { ClusterPlan.Listener(name: $0.name, $0.address, access: $0.access) }
    }

    /// Sockets of an earlier program that listen where they are wanted; the others are closed.
    private static func kept(
        _ inherited: [String: Int32], at places: [ClusterPlan.Listener], _ wanted: [ClusterPlan.Listener]
    ) -> [String: Int32] {
        inherited.filter { name, descriptor in
            guard let place = places.first(where: { $0.name.isSame(as: name) }) else { return true }
            let socket = ListeningSocket(inherited: descriptor, address: place.address)
            guard let next = wanted.first(where: { $0.name.isSame(as: name) }), next.address == place.address else {
                socket.close()
                return false
            }
            if next.access != place.access { try? socket.grant(next.access) }
            return true
        }
    }
}
