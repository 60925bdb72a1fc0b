// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// What a worker tells its master.
///
/// Unknown kinds and members are ignored, so that neighbours in time understand each
/// other during an upgrade.
package enum WorkerMessage: Sendable, Hashable {
    case starting
    /// Loading and starting have come this far; what is named is what would be to blame for a hang.
    case progress(String)
    /// Everything is ready, nothing has been accepted yet.
    case started(WorkerDescription)
    case stopping
    case stopped
    case refused([String])
    /// Connections that have not ended.
    case draining(Int)
    case pong
    /// The answer of the process that checks and freezes.
    case plan(JSON)
}

extension WorkerMessage {
    package var json: JSON {
        switch self {
        case .starting: ["state": "starting"]
        case .progress(let what): ["progress": .string(what)]
        case .started(let description): ["state": "started", "worker": (try? JSON(description)) ?? .null]
        case .stopping: ["state": "stopping"]
        case .stopped: ["state": "stopped"]
        case .refused(let problems): ["refused": .array(problems.map(JSON.string))]
        case .draining(let left): ["draining": .integer(left)]
        case .pong: ["pong": true]
        case .plan(let plan): ["plan": plan]
        }
    }

    package init?(_ json: JSON) {
        switch json["state"]?.stringValue {
        case "starting": self = .starting
        case "started":
            guard let description = try? (json["worker"] ?? .null).decode(WorkerDescription.self) else { return nil }
            self = .started(description)
        case "stopping": self = .stopping
        case "stopped": self = .stopped
        default:
            if let what = json["progress"]?.stringValue {
                self = .progress(what)
            } else if let problems = json["refused"]?.arrayValue {
                self = .refused(problems.compactMap(\.stringValue))
            } else if let left = json["draining"]?.intValue {
                self = .draining(left)
            } else if json["pong"] != nil {
                self = .pong
            } else if let plan = json["plan"] {
                self = .plan(plan)
            } else {
                return nil
            }
        }
    }
}
