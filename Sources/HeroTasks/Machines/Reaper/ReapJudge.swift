// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem

/// Where a process is and which one it is, so that others can prove that it has ended.
package struct ProcessMark: Sendable, Hashable {
    /// Boot id and pid namespace: pids of one are nothing in another, whatever the name of the host is.
    package let place: String
    package let pid: Int
    /// When it began, in ticks since the boot; a pid is used again.
    package let start: Int

    package init(place: String, pid: Int, start: Int) {
        (self.place, self.pid, self.start) = (place, pid, start)
    }
}

/// One owner, as a reaper sees it.
package struct OwnerSight: Sendable, Hashable {
    /// `<host>:<pid>~<random>`.
    package let owner: String
    /// Milliseconds of Redis' clock; 0 while a reap is under way, `nil` without a lease.
    package let deadline: Int?
    /// `nil` for one that nobody knows of, or whose record cannot be read.
    package let mark: ProcessMark?
    package let isGone: Bool

    package init(owner: String, deadline: Int?, mark: ProcessMark?, isGone: Bool = false) {
        (self.owner, self.deadline, self.mark, self.isGone) = (owner, deadline, mark, isGone)
    }

    /// What its workers' names begin with, as in `<host>:<pid>+1`.
    package var workerPrefix: String { owner.prefix { $0 != "~" } + "+" }
}

/// Whose jobs are to be given back.
package struct ReapVerdict: Sendable, Hashable {
    package let owner: String
    /// Whether the process has ended although its lease has not.
    package let isProven: Bool
    /// The number of the job that crashed it, where somebody knows it; 0 when it was none of this owner's.
    package var culprit: Int?
    /// Workers whose names begin with this are no more; `nil` when another owner has the same.
    package var workerPrefix: String?
}

/// Decides who is dead, without I/O and clock.
package struct ReapJudge: Sendable, Hashable {
    /// Of the process that reaps.
    package let place: String
    /// Its own owners.
    package var own: Set<String>

    package init(place: String, own: Set<String>) { (self.place, self.own) = (place, own) }

    /// Pids that have to be looked up before ``verdicts(_:now:starts:isSweep:deaths:)``.
    package func pids(_ owners: [OwnerSight], now: Int) -> Set<Int> {
        Set(
            owners.compactMap { sight in
                guard !own.contains(sight.owner), !sight.isGone, let mark = sight.mark, mark.place == place else {
                    return nil
                }
                return sight.deadline ?? 0 > now ? mark.pid : nil
            })
    }

    /// - Parameters:
    ///   - owners: All that there are.
    ///   - now: Redis' clock in milliseconds.
    ///   - starts: When the processes that were looked up began; none for those that are not there.
    ///   - isSweep: Whether those without a lease are taken, too.
    ///   - deaths: Processes that a master has seen end, with the job that did it.
    /// - Returns: In the order of their names.
    package func verdicts(
        _ owners: [OwnerSight], now: Int, starts: [Int: Int], isSweep: Bool, deaths: [ProcessMark: JobMark?] = [:]
    ) -> [ReapVerdict] {
        let dead = owners.filter { !own.contains($0.owner) && !$0.isGone }.compactMap { sight -> ReapVerdict? in
            let death = sight.mark.flatMap { deaths[$0] }
            if let death {
                let culprit = death.map { $0.number(of: sight.owner) ?? 0 }
                return ReapVerdict(owner: sight.owner, isProven: true, culprit: culprit)
            }
            guard let deadline = sight.deadline else {
                return isSweep ? ReapVerdict(owner: sight.owner, isProven: false) : nil
            }
            if deadline <= now { return ReapVerdict(owner: sight.owner, isProven: false) }
            guard let mark = sight.mark, mark.place == place, starts[mark.pid] != mark.start else { return nil }
            return ReapVerdict(owner: sight.owner, isProven: true)
        }
        let names = Set(dead.map(\.owner))
        let living = Set(owners.filter { !$0.isGone && !names.contains($0.owner) }.map(\.workerPrefix))
        let prefixes = Dictionary(owners.map { ($0.owner, $0.workerPrefix) }) { first, _ in first }
        return dead.map { verdict in
            var verdict = verdict
            verdict.workerPrefix = prefixes[verdict.owner].flatMap { living.contains($0) ? nil : $0 }
            return verdict
        }.sorted { $0.owner < $1.owner }
    }
}
