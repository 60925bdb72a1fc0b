// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// A process that works on jobs, as others have to know it.
package struct TaskProcess: Sendable, Hashable {
    /// `<host>:<pid>`, with which names of workers and owners begin.
    package let name: String
    /// `nil` where the system does not say enough to prove anything.
    package let mark: ProcessMark?

    package init(name: String, mark: ProcessMark?) { (self.name, self.mark) = (name, mark) }

    /// This process.
    ///
    /// - Parameter host: The name of the machine, as workers are called by it.
    package init(onHost host: String) {
        let pid = Int(getpid())
        var mark: ProcessMark?
        if let place = ProcessBirth.place, case .at(let start) = ProcessBirth.of(pid) {
            mark = ProcessMark(place: place, pid: pid, start: start)
        }
        self.init(name: "\(host):\(pid)", mark: mark)
    }

    /// What `owners` has of this process.
    package func who(queues: String) -> [UInt8] {
        var object: JSON = ["queues": .string(queues)]
        if let mark {
            object = [
                "host": .string(mark.place), "pid": .integer(mark.pid), "start": .integer(mark.start),
                "queues": .string(queues),
            ]
        }
        return Array(object.text().utf8)
    }

    package func identity(queues: String) -> TaskWorkers.Identity {
        TaskWorkers.Identity(name: name, who: who(queues: queues))
    }
}

extension ProcessMark {
    /// - Parameter who: JSON of `owners`; `nil` for what says too little.
    package init?(who: [UInt8]) {
        guard let json = try? JSON(parsing: who), let place = json["host"]?.stringValue, !place.isEmpty,
            let pid = json["pid"]?.intValue, let start = json["start"]?.intValue
        else { return nil }
        self.init(place: place, pid: pid, start: start)
    }
}
