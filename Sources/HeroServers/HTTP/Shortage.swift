// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc

/// Something that the process has run out of.
enum Shortage: CaseIterable, Sendable {
    /// No descriptors for files.
    case files
    /// No descriptors for new connections, which wait.
    case connections
    /// No room on a disk.
    case disk
    case memory

    /// - Parameter errno: Of a call that failed; `nil` when it says something else.
    init?(errno: Int32) {
        switch errno {
        case EMFILE, ENFILE: self = .files
        case ENOSPC, EDQUOT: self = .disk
        case ENOMEM: self = .memory
        default: return nil
        }
    }

    var message: String {
        switch self {
        case .files:
            "no descriptors are left for files: requests that need one are answered with 503; raise the limit (LimitNOFILE "
                + "of the service, or ulimit -n)"
        case .connections:
            "no descriptors are left for connections: clients wait until others leave; raise the limit (LimitNOFILE of the "
                + "service, or ulimit -n)"
        case .disk: "the disk is full: uploads are answered with 507; make room, or set web.formOptions.uploadDir"
        case .memory: "the system has no memory to give: requests are answered with 503"
        }
    }
}

extension Shortage {
    /// How often a connection could not be taken says nothing, unlike the number of those that wait.
    func numbers(_ times: Int, _ waiting: Int) -> [(name: String, value: JSON)] {
        self == .connections ? [("waiting", .integer(waiting))] : [("times", .integer(times))]
    }

    var name: String {
        switch self {
        case .files: "descriptors for files"
        case .connections: "descriptors for connections"
        case .disk: "room on the disk"
        case .memory: "memory"
        }
    }
}
