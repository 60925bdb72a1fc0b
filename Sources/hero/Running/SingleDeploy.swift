// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroCluster
import HeroLog
import HeroRuntime
import Synchronization

/// A deploy of `hero start`, beside which signals go on being heard: a candidate tries what is on disk, then the process stops
/// and becomes the next program.
final class SingleDeploy: Sendable {
    private enum Phase {
        case idle
        case checking(isOutdated: Bool)
        case stopping(NextProgram)
        /// The process ends.
        case over
    }

    private struct State {
        var phase = Phase.idle
        var task: Task<Void, Never>?
    }

    private let hosted: HostedProcess
    private let setup: ProcessSetup
    private let running: Candidate.Running?
    private let foreign: Set<Int32>
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - hosted: What runs.
    ///   - setup: Of the process.
    ///   - foreign: Children that were there before this program.
    ///   - limit: Milliseconds that stopping may take.
    init(_ hosted: HostedProcess, _ setup: ProcessSetup, foreign: Set<Int32>, limit: Int) {
        (self.hosted, self.setup, self.foreign, self.limit) = (hosted, setup, foreign, limit)
        running = try? Candidate.Running(hosted)
    }

    /// Begins; while another is under way, what is on disk is tried again after it.
    func begin() {
        state.withLock { state in
            switch state.phase {
            case .idle:
                state.phase = .checking(isOutdated: false)
                state.task = Task { await self.run() }
            case .checking: state.phase = .checking(isOutdated: true)
            case .stopping(let next): next.deployAgain()
            case .over: break
            }
        }
    }

    /// The process is to end: a candidate is given up, and what stops for the next program stops for good.
    ///
    /// - Returns: Whether it had begun to stop, and has stopped.
    func callOff() async -> Bool {
        let (phase, task) = state.withLock { state in
            defer { state.phase = .over }
            return (state.phase, state.task)
        }
        guard case .stopping(let next) = phase else {
            task?.cancel()
            return false
        }
        next.callOff()
        await task?.value
        return true
    }

    private func run() async {
        guard let generation = await check() else { return }
        let process = hosted.process
        let next = NextProgram(hosted, generation: generation, foreign: foreign)
        let isWanted = state.withLock { state in
            guard case .checking = state.phase else { return false }
            state.phase = .stopping(next)
            return true
        }
        guard isWanted else { return }
        UnaskedEnd.isExpected()
        // Connections are cut off when the time is over, and the others have a moment to stop then.
        ShutdownLimit.arm(milliseconds: limit, for: process) { next.execute() }
        await process.stop(
            StopPlan(keepsSockets: true, becomesAnotherProgram: true, limits: DrainLimits(totalMilliseconds: limit)))
        next.execute()
    }

    /// - Returns: The number of the generation that the next program loads; `nil` when there is to be none.
    private func check() async -> Int?? {
        while true {
            let outcome = await Candidate.run(setup, beside: running)
            let isOutdated: Bool? = state.withLock { state in
                guard case .checking(let isOutdated) = state.phase else { return nil }
                if case .refused = outcome, !isOutdated {
                    state.phase = .idle
                } else {
                    state.phase = .checking(isOutdated: false)
                }
                return isOutdated
            }
            guard let isOutdated else { return nil }
            if case .accepted(let generation) = outcome, !isOutdated { return .some(generation) }
            if case .refused = outcome { refuse(outcome.problems) }
            if !isOutdated { return nil }
        }
    }

    private func refuse(_ lines: [CandidateOutput.Line]) {
        let log = hosted.process.application.log
        for line in lines { log.write(level: line.level, message: line.message, data: line.data) }
        log.write(level: .alert, message: DeployWords.refused(serving: "the running one"), data: [])
    }
}
