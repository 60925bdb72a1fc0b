// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/cluster.yml`, and what a master has to know of the rest; what each key means is documented there.
///
/// Times are milliseconds.
package struct ClusterSettings: Codable, Sendable, Hashable {
    /// `nil` for one worker per core.
    package var workers: Int?
    package var readyTimeout = 30_000
    /// `general.bundles.checkTimeout`; `nil` from an executable that did not know it.
    package var checkTimeout: Int?
    package var probation = ProbationSettings()
    package var heartbeat = Heartbeat()
    package var quarantine = QuarantineSettings()
    /// Megabytes of resident memory above which a worker is replaced; 0 for no limit.
    package var workerMemoryLimit = 0
    package var workerConsole = false

    package struct ProbationSettings: Codable, Sendable, Hashable {
        package var duration = 60_000
        package var crashes = 3
        /// Percent of responses with a status of 500 and above; 0 switches the check off.
        package var errorRate = 0
    }

    package struct Heartbeat: Codable, Sendable, Hashable {
        package var interval = 1000
        /// 0 switches it off.
        package var timeout = 20_000
    }

    package struct QuarantineSettings: Codable, Sendable, Hashable {
        /// 0 switches it off.
        package var crashes = 5
        package var window = 60_000
    }

    package init() {}

    /// How long a child that checks what is on disk, or whether a new executable can take over, has for that.
    var checkLimit: Int { checkTimeout ?? 60_000 }
}
