// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A worker process as the master sees it.
struct Worker: Codable, Sendable {
    enum Phase: String, Codable, Sendable {
        /// Asked for; no word from it yet.
        case spawned
        case starting
        /// Loaded and started, waiting for its promotion.
        case ready
        case serving
        case stopping
    }

    /// Unique in the life of the cluster.
    let serial: Int
    /// Unique at every moment; the number in the worker's title.
    let id: Int
    let generation: GenerationID
    let isCandidate: Bool
    var pid: Int32 = 0
    var phase = Phase.spawned
    let spawnedAt: Int
    /// When the worker began to serve.
    var servedAt: Int?
    /// When the master's patience ends: with a worker that is to become ready, to stop, or to die.
    var deadline: Int?
    var lastPong = 0
    /// The worker writes its backtrace: it has crashed, or it hangs and was told to.
    var isAborted = false
    /// The master has killed it, so its end says nothing about itself.
    var isKilled = false
    /// The worker was killed because it did not become ready in time.
    var isLate = false
    /// The probation of its generation counts what has happened to it.
    var isBlamed: Bool?
    /// The worker uses more memory than its limit allows.
    var isOutgrown = false
    /// The step of its start in which the worker was when it last reported.
    var progress = ""
    var problems: [String] = []
    /// Connections that the worker still has while it stops.
    var draining = 0
    /// When its error reporters were last told about crashes of others.
    var toldOfCrashesAt: Int?
    /// Crashes in a row of the workers in this place.
    var failures: Int
    /// The worker's actions in the order of their numbers on the board.
    var description: WorkerDescription?

    /// Whether the worker serves, or is on its way to.
    var isActive: Bool { phase != .stopping }
    /// Whether the worker is still on its way: it has been started and serves nothing yet.
    var isYetToServe: Bool { phase == .spawned || phase == .starting || phase == .ready }

    var label: String { pid == 0 ? "[worker #\(id)]: " : "[worker #\(id) (\(pid))]: " }
}

/// A place whose worker has crashed and is not to be filled before a certain time.
struct Vacancy: Codable, Sendable {
    var retryAt: Int
    let failures: Int
    /// The worker that stood in the place refused its generation, which another one would refuse as well.
    var isRefused = false
}
