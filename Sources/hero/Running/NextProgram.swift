// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Glibc
import HeroLog
import HeroRuntime
import HeroSystem
import Synchronization

/// The program that `hero start` becomes after a deploy: itself, with the new generation.
///
/// Two may ask for it: who has stopped everything, and the limit of time for that. A client that reads slowly, or an action that
/// does not end, must not make an outage of a deploy.
final class NextProgram: Sendable {
    private let hosted: HostedProcess
    private let sockets: [(name: String, descriptor: Int32)]
    private let rest: Mutex<InheritedSockets.Rest>
    private let hasBegun = Atomic(false)
    /// Somebody has asked for the end of the process meanwhile.
    private let isCalledOff = Atomic(false)

    /// - Parameters:
    ///   - hosted: What runs until then.
    ///   - generation: What was tried.
    ///   - foreign: Children that were there before this program.
    init(_ hosted: HostedProcess, generation: Int?, foreign: Set<Int32>) {
        self.hosted = hosted
        sockets = hosted.process.listeningDescriptors
        rest = Mutex(
            InheritedSockets.Rest(foreign: foreign.sorted(), places: hosted.listeners, generation: generation))
    }

    /// There is to be no further program: what has begun to stop ends.
    func callOff() { isCalledOff.store(true, ordering: .releasing) }

    /// The next program is to try what is on disk as soon as it serves: it has changed since this one looked.
    func deployAgain() { rest.withLock { $0.isToDeploy = true } }

    /// Does not return when it could begin; what still runs then ends without another word.
    ///
    /// Hazard: code of the application that still runs may read the environment while it is changed here.
    ///
    /// - Returns: When somebody else is about it already, or there is to be none.
    func execute() {
        guard !isCalledOff.load(ordering: .acquiring), !hasBegun.exchange(true, ordering: .acquiringAndReleasing) else {
            return
        }
        let log = hosted.process.application.log
        if hosted.process.unstopped.contains("redis-server") { hosted.redis.handOver() }
        InheritedSockets.announce(sockets, rest.withLock { $0 })
        let path = SingleProcess.runningImage
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
        DescriptorLimit.restore(in: 0)
        log.flush()
        let reason = String(
            cString: strerror(hero_execute(path, &arguments, SingleProcess.signals, SingleProcess.signals.count)))
        log.write(level: .emerg, message: "cannot execute \(path): \(reason)", data: [])
        hosted.redis.stopAfterExecution()
        log.flush()
        exit(1)
    }
}
