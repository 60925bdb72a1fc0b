// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport

/// Who ends when a process comes to a place.
enum Victim: String, Sendable, CaseIterable {
    /// The process, which has workers.
    case worker
    /// The process, which leads the scheduler, too.
    case leader
    /// The process, and the one beside it.
    case group
    /// `redis-server`, which writes everything to its disk before it answers; later perhaps the process, too.
    case redis
}

/// The end of a process, or of its Redis.
struct Doom: Sendable {
    enum Manner: Sendable {
        case killed
        /// It goes on without Redis, and does not know yet that others take it for dead.
        case cutOff
        case redisKilled
    }

    let place: String
    /// At the first, second … time that it comes there.
    let time: Int
    let manner: Manner
}

/// How others hear of it.
enum Discovery: Sendable, CaseIterable {
    /// A master says so.
    case told
    /// They look for its pid.
    case proven
    /// Its lease ends: it was on another machine.
    case deadline
}

/// What happens in one scene, as a seed has it.
struct KillPlan: Sendable {
    let victim: Victim
    let seed: Int
    /// Of the first process, the second …; the last one lives on.
    let dooms: [[Doom]]
    let discovery: Discovery
    let hasCompanion: Bool
    /// Of a hundred replies, so many are lost.
    let losses: Int
    /// Whether the first process is told to stop, and its jobs do not end by themselves.
    let stops: Bool

    private static let work = [
        "claim.before", "claim.sent", "claim.answered", "claim.started", "run.began", "run.returned", "finish.waiting",
        "finish.sent", "finish.answered", "suspect.marked", "suspect.began", "enqueue.before", "enqueue.sent",
    ]
    private static let care = [
        "reap.locked", "reap.between", "delayed.before", "delayed.after", "retry.before", "retry.after",
        "recurrent.before", "recurrent.after",
    ]
    private static let ends = ["stop.waiting", "stop.cancelled", "stop.leaving"]

    /// Places that processes come to sooner or later, in the scenes of a victim.
    static func places(_ victim: Victim) -> Set<String> { Set(work + care) }

    init(_ victim: Victim, seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) &* 4 &+ UInt64(Victim.allCases.firstIndex(of: victim) ?? 0))
        let places = victim == .leader ? Self.care + ["claim.sent", "finish.sent"] : Self.work + Self.ends
        // Each place in turn for the first process.
        let place = places[seed % places.count]
        (self.victim, self.seed) = (victim, seed)
        stops = Self.ends.contains(place)
        discovery = Discovery.allCases[random.next(below: Discovery.allCases.count)]
        let manner: Doom.Manner = discovery == .deadline && random.next(below: 2) == 0 ? .cutOff : .killed
        hasCompanion = victim == .group || random.next(below: 2) == 0
        losses = random.next(below: 3) * 5
        func time(_ place: String) -> Int {
            let often = ["claim", "run", "finish", "enqueue"].contains { place.hasPrefix($0) }
            return 1 + random.next(below: often ? 6 : 1)
        }
        var dooms = [[Doom(place: place, time: time(place), manner: victim == .redis ? .redisKilled : manner)]]
        if victim == .redis, random.next(below: 2) == 0 {
            let other = Self.work[random.next(below: Self.work.count)]
            dooms[0].append(Doom(place: other, time: time(other) + 3, manner: .killed))
        }
        if random.next(below: 3) == 0 {
            let other = (Self.work + Self.care)[random.next(below: Self.work.count + Self.care.count)]
            dooms.append([Doom(place: other, time: time(other), manner: .killed)])
        }
        self.dooms = dooms
    }
}
