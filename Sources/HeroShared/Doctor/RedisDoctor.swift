// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroRedis
package import HeroRuntime
internal import HeroSystem
package import NIOCore

/// Examines the configured Redis and says of each finding what to change.
package struct RedisDoctor: Sendable {
    private let plan: RedisPlan
    private let application: HeroApplication
    private let clients: RedisClients
    private let loop: any EventLoop
    private let jobs: @Sendable (_ subject: String) async -> [RedisFinding]

    /// - Parameters:
    ///   - plan: What is configured.
    ///   - application: The process.
    ///   - clients: Of that plan.
    ///   - loop: For connections to sentinels.
    ///   - jobs: Looks at background jobs, for findings about a subject.
    package init(
        _ plan: RedisPlan, _ application: HeroApplication, _ clients: RedisClients, on loop: any EventLoop,
        jobs: @escaping @Sendable (_ subject: String) async -> [RedisFinding]
    ) {
        self.plan = plan
        self.application = application
        self.clients = clients
        self.loop = loop
        self.jobs = jobs
    }

    /// Looks at everything; writes only keys of its own, which it removes.
    ///
    /// - Returns: The findings in the order in which one reads them.
    package func examine() async -> [RedisFinding] {
        var all: [RedisFinding] = []
        let roles: [(name: String, place: RedisPlace, client: any RedisClient)] = [
            ("client", plan.client, clients.client), ("subscriber", plan.subscriber, clients.subscriber),
            ("tasks", plan.tasks, clients.tasks),
        ]
        var seen: [RedisPlace] = []
        for role in roles where !seen.contains(role.place) {
            seen.append(role.place)
            let names = roles.filter { $0.place == role.place }.map(\.name)
            all += await examine(names, role.place, role.client)
        }
        return all + configuration()
    }

    private func examine(_ names: [String], _ place: RedisPlace, _ client: any RedisClient) async -> [RedisFinding] {
        var findings = RedisFindings(names.joined(separator: ", "))
        if case .embedded = place.kind, plan.embedded?.isServed != true {
            findings.note(
                "reachable", "the embedded server does not run",
                (.warning, "start the project (hero start), and look again"))
            return findings.all
        }
        let topology = TopologyCheckup(plan: plan, loop: loop)
        if case .sentinel = place.kind { await topology.sentinels(place, &findings) }
        let hasJobs = names.contains("tasks")
        let server = Self.checkup(client, place, hasJobs)
        TransportCheckup(place: place, verifies: plan.verifiesCertificates).examine(&findings)
        let cluster = client as? RedisClusterClient
        guard await cluster == nil ? server.examine(&findings) : server.reach(&findings) else { return findings.all }
        if let cluster {
            let subject = findings.subject
            findings.add(
                await cluster.eachPrimary { node, client in
                    var findings = RedisFindings("\(subject) at \(node)")
                    _ = await Self.checkup(client, place, hasJobs).examine(&findings)
                    return findings.all
                }.flatMap { $0 })
            await topology.cluster(client, &findings)
        }
        let permissions = PermissionCheckup(
            application: application, clients: clients, mark: String(UInt64.random(in: 0...UInt64.max), radix: 36),
            patience: .milliseconds(plan.commandTimeout))
        let keys = KeyCheckup(application: application, clients: clients)
        if names.contains("client") {
            await permissions.cache(&findings)
            await keys.locks(&findings)
        }
        if names.contains("subscriber") { await permissions.messages(&findings) }
        if names.contains("tasks") {
            await permissions.jobs(&findings)
            keys.namespace(isCluster: cluster != nil, &findings)
            findings.add(await jobs(findings.subject))
        }
        return findings.all
    }

    private static func checkup(_ client: any RedisClient, _ place: RedisPlace, _ hasJobs: Bool) -> ServerCheckup {
        ServerCheckup(client: client, place: place, hasJobs: hasJobs) { Double(WallTime.now.milliseconds) / 1000 }
    }

    private func configuration() -> [RedisFinding] {
        var findings = RedisFindings("configuration")
        let isDefault = application.core.general.serverToken == KnownToken.token
        if application.configuration.environment == "production" {
            findings.note(
                "general.serverToken", isDefault ? "the default" : "set",
                isDefault ? (.warning, "choose a secret: whoever knows the token can call your processes") : nil)
        }
        return findings.all
    }
}
