// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
