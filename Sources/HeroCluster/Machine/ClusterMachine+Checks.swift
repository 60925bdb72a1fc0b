// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Children that check, and how long they are waited for.
extension ClusterMachine {
    mutating func startCheck() {
        isCheckRunning = true
        checkWait = CheckWait(until: now + settings.checkLimit)
        actions.append(.check)
    }

    mutating func noteProgress(isUpgrade: Bool, _ what: String) {
        let text = String(what.prefix(ClusterLimits.progressLength))
        if isUpgrade { upgradeWait?.progress = text } else { checkWait?.progress = text }
    }

    /// Ends children that check and have had their time, whatever keeps them.
    mutating func endLateChecks() {
        if let wait = checkWait, now >= wait.until {
            actions.append(.endCheck)
            let problem = wait.problem("what is on disk was not checked", after: settings.checkLimit)
            finishCheck(.refused([problem], exitCode: 1))
        }
        if let wait = upgradeWait, now >= wait.until {
            actions.append(.endUpgradeCheck)
            let problem = wait.problem("the new executable has not answered", after: settings.checkLimit)
            finishUpgradeCheck([problem])
        }
    }
}
