// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroLog
internal import HeroSystem

// What somebody removes from under a running cluster, for example with `git clean -fdX`.
extension Master {
    /// Looks whether socket, pidfile and lock are where others look for them, and makes them anew; to be called often.
    func keepOwnFiles() {
        var (lost, problems): ([String], [String]) = ([], [])
        func keep(_ isThere: Bool, _ path: String, _ restore: () throws -> Void) {
            guard !isThere else { return }
            do {
                try restore()
                lost.append(path)
            } catch {
                problems.append("\(error)")
            }
        }
        // Not lost: another release, or a directory that was swapped.
        if !project.isOn(options.projectRoot) {
            do throws(MasterFailure) {
                project = try ProjectLock(options.projectRoot)
            } catch {
                problems.append("\(error)")
            }
        }
        keep(control.isInPlace, control.path) { try control.listenAnew(options.projectRoot) }
        keep(lock.isInPlace, lock.path) {
            let fresh = try MasterLock(path: options.pidFile, in: options.projectRoot)
            lock.release()
            lock = fresh
        }
        if !lost.isEmpty {
            handle(.filesLost)
            warn("\(lost.joined(separator: ", ")) had been removed while the cluster runs, and was made anew")
            warnOfLostGeneration()
        }
        // The same once, however long it lasts.
        let problem = problems.joined(separator: "; ")
        if !problem.isEmpty, problem != ownFilesProblem { warn("the cluster cannot be controlled: \(problem)") }
        ownFilesProblem = problem
        warnOfUnreachableListeners()
    }

    /// Not made anew at once: workers that run would not accept from it, and a refusal is better than a wait without end.
    private func warnOfUnreachableListeners() {
        let lost = listeners.withoutFile
        for listener in lost where !unreachable.contains(listener) {
            warn(
                "\(listener.path ?? "") of the \(listener.name) server had been removed while the cluster runs: no client "
                    + "reaches it; the next deploy makes it anew: `hero cluster reload`")
        }
        unreachable = lost
    }

    private func warnOfLostGeneration() {
        guard let current = machine.current else { return }
        let store = GenerationStore(projectRoot: current.root)
        guard store.fingerprint(of: current.number) != current.content else { return }
        warn(
            "\(current) is gone from \(store.root): workers that end cannot come back; deploy with "
                + "`hero cluster reload`")
    }

    private func warn(_ text: String) { log.write(level: .warning, message: text, data: []) }
}
