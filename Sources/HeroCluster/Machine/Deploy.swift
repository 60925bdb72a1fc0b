// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The wish to run what is on disk.
struct DeployRequest: Codable, Sendable {
    /// All workers at once instead of one by one.
    var isAllAtOnce = false
    /// Also what was rolled back before.
    var isForced = false
    /// Clients to be told how it went.
    var waiters: [Int] = []
    /// Why, for the status.
    var cause: String
    /// Why what is on disk was refused, when something else is started in its place.
    var rejection: [String]?

    /// Takes up another wish that came while this one waits.
    mutating func merge(_ other: DeployRequest) {
        isAllAtOnce = isAllAtOnce || other.isAllAtOnce
        isForced = isForced || other.isForced
        waiters += other.waiters
    }
}

/// How far a deploy has come.
enum Deploy: Codable, Sendable {
    case checking(DeployRequest)
    case candidate(DeployRequest, GenerationID, serial: Int)
    case rolling(Roll)

    var request: DeployRequest {
        switch self {
        case .checking(let request), .candidate(let request, _, _): request
        case .rolling(let roll): roll.request
        }
    }
}

/// Waiting for a child that checks.
struct CheckWait: Codable, Sendable {
    /// When its answer is not waited for any more.
    let until: Int
    /// What it was doing when it was last heard of.
    var progress = ""

    func problem(_ what: String, after limit: Int) -> String {
        let during = progress.isEmpty ? "" : " (\(progress))"
        return "\(what) after \(ClusterMachine.text(milliseconds: limit))\(during); it was ended"
    }
}

/// Workers being replaced by workers of one generation.
struct Roll: Codable, Sendable {
    enum Purpose: String, Codable, Sendable {
        case deploy
        /// Back to a generation that has served before.
        case rollback
        /// Fresh workers of the same generation.
        case renewal
    }

    let purpose: Purpose
    var request: DeployRequest
    let target: GenerationID
    /// Serials of the workers that are to go.
    var replacing: Set<Int>
    /// Where a rollback comes from, to stay there when its target does not start.
    var origin: RollbackOrigin?
    /// The worker told to stop last, and when the next step no longer waits for it.
    var leaving: (serial: Int, until: Int)? {
        get { leavingSerial.map { ($0, leavingUntil) } }
        set {
            leavingSerial = newValue?.serial
            leavingUntil = newValue?.until ?? 0
        }
    }
    private var leavingSerial: Int?
    private var leavingUntil = 0

    init(_ purpose: Purpose, _ request: DeployRequest, target: GenerationID, replacing: Set<Int>) {
        self.purpose = purpose
        self.request = request
        self.target = target
        self.replacing = replacing
    }
}

/// What a rollback takes out of service.
struct RollbackOrigin: Codable, Sendable {
    let generation: GenerationID
    let settings: ClusterSettings
    /// An operator waits for the answer; otherwise the generation is known to be bad.
    let isByHand: Bool
}

/// Watching a new generation for some time, ready to go back.
struct Probation: Codable, Sendable {
    let generation: GenerationID
    /// When it came into service.
    let since: Int
    var waiters: [Int]
    /// `nil` while workers are still being replaced.
    var until: Int?
    var crashes: [String] = []
}

/// Content that was taken out of service again.
struct RolledBack: Codable, Sendable, Hashable {
    /// More of them are not remembered.
    static let limit = 64

    let generation: GenerationID
    let reason: String
}

/// What the next master of the project is to know.
package struct ClusterMemory: Codable, Sendable, Hashable {
    /// What has proved itself, and can be started again.
    package var serving: GenerationID?
    package var settings: ClusterSettings?
    var rolledBack: [RolledBack] = []

    package init() {}
}

/// The cluster is stopping.
struct Stop: Codable, Sendable {
    /// To be told when it has stopped.
    var clients: [Int] = []
    /// When workers cut off what is left.
    let deadline: Int
    /// When the line about waiting is written again.
    var nextLine: Int
    /// The worker told to stop last, and when the next one is told all the same.
    var leaving: Int?
    var leavingUntil = 0
}
