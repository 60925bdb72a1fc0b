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

/// What the master needs to know about a worker that is ready.
package struct WorkerDescription: Codable, Sendable, Hashable {
    /// Thread of its event loop, which is the one to ask for a backtrace when it hangs.
    package let loopThread: Int32
    /// Names of its actions, in the order of their numbers on the board.
    package let actions: [String]

    package init(loopThread: Int32, actions: [String]) {
        self.loopThread = loopThread
        self.actions = actions
    }
}

/// What the master tells a worker.
package enum MasterMessage: Sendable, Hashable {
    /// Accept connections; answer 503 for these actions.
    case serve(quarantined: [String])
    /// Drain and end within so many milliseconds; connections without a request may stay for so many.
    case stop(deadline: Int, idle: Int)
    case reopenLogs
    case ping
    case quarantine([String])
    /// Others have crashed: to be reported to whoever collects errors.
    case crashes([CrashNotice])
}

/// A crash for the error reporters of another worker.
package struct CrashNotice: Codable, Sendable, Hashable {
    /// `worker #1`.
    package let worker: String
    package let message: String
    /// The backtrace.
    package let lines: [String]
    /// Actions that a thread was executing, and all that had begun and not ended.
    package let running: [String]
    package let inFlight: [String]

    package init(worker: String, _ report: CrashReport) {
        func bounded(_ texts: [String]) -> [String] {
            texts.prefix(ClusterLimits.crashLines).map { String($0.prefix(ClusterLimits.crashLineLength)) }
        }
        self.worker = worker
        message = String(report.message.prefix(ClusterLimits.crashLineLength))
        lines = bounded(report.lines)
        (running, inFlight) = (bounded(report.running), bounded(report.inFlight))
    }
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

extension MasterMessage {
    package var json: JSON {
        switch self {
        case .serve(let names): ["serve": true, "quarantined": .array(names.map(JSON.string))]
        case .stop(let deadline, let idle): ["stop": .integer(deadline), "idle": .integer(idle)]
        case .reopenLogs: ["reopenLogs": true]
        case .ping: ["ping": true]
        case .quarantine(let names): ["quarantined": .array(names.map(JSON.string))]
        case .crashes(let notices): ["crashes": (try? JSON(notices)) ?? []]
        }
    }

    package init?(_ json: JSON) {
        let names = json["quarantined"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if json["serve"] != nil {
            self = .serve(quarantined: names)
        } else if let deadline = json["stop"]?.intValue {
            self = .stop(deadline: deadline, idle: json["idle"]?.intValue ?? 0)
        } else if json["reopenLogs"] != nil {
            self = .reopenLogs
        } else if json["ping"] != nil {
            self = .ping
        } else if let notices = json["crashes"] {
            guard let notices = try? notices.decode([CrashNotice].self) else { return nil }
            self = .crashes(notices)
        } else if json["quarantined"] != nil {
            self = .quarantine(names)
        } else {
            return nil
        }
    }
}
