// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    /// The step in which the checking child was when it last reported.
    var progress = ""

    func problem(_ what: String, after limit: Int) -> String {
        let during = progress.isEmpty ? "" : " (\(progress))"
        return "\(what) after \(ClusterMachine.text(milliseconds: limit))\(during); it was ended"
    }
}
