// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroSystem

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
    /// Another worker has ended without having stopped: what it held of jobs is free. One of them has crashed
    /// it, or nobody knows, or it was none of them (``JobMark/nobody``).
    case died(pid: Int32, job: JobMark?)

    /// Whether hearing of it once is as good as hearing of it twice.
    package var isRepeatable: Bool { self == .reopenLogs || self == .ping }
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
        case .died(let pid, nil): ["died": .integer(Int(pid))]
        case .died(let pid, let job?):
            ["died": .integer(Int(pid)), "job": [.integer(Int(job.owner)), .integer(Int(job.number))]]
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
        } else if let pid = json["died"]?.intValue {
            let job = json["job"]?.arrayValue?.compactMap(\.intValue) ?? []
            self = .died(
                pid: Int32(clamping: pid),
                job: job.count == 2 ? JobMark(owner: UInt32(clamping: job[0]), number: UInt32(clamping: job[1])) : nil)
        } else if json["quarantined"] != nil {
            self = .quarantine(names)
        } else {
            return nil
        }
    }
}
