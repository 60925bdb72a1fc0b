// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// What is not deployed unless somebody insists: what would take everything away, and what was rolled back.
extension ClusterMachine {
    static let forceAdvice = " – if that is wanted, use `hero cluster reload --force`"

    /// What was rolled back does not come again by itself; a new master starts with what had proved itself instead.
    mutating func refuseAgain(
        _ request: DeployRequest, _ generation: GenerationID, _ known: RolledBack, _ settings: ClusterSettings
    ) {
        let problem = known.refusal
        guard current == nil else {
            reject(request, [problem], exitCode: 78)
            return
        }
        guard let good = proven, good.content != generation.content else {
            log(.alert, problem)
            log(.alert, "\(generation) is started all the same: there is nothing else that could serve")
            tryOut(generation, settings, request)
            return
        }
        log(.alert, problem)
        log(.alert, "\(good), which had served before it, serves again in place of what is on disk")
        var request = request
        request.rejection = [problem]
        tryOut(good, provenSettings ?? settings, request)
    }

    /// What the candidate would take away: all actions, or all that are served now.
    func loss(by candidate: Worker) -> String? {
        let served = serving.first { $0.generation == current }?.description.map { Self.names($0.actions) }
        guard current != nil, let served = served ?? servedActions else { return nil }
        return DeployWords.lostActions(
            "\(candidate.generation)", offered: Self.names(candidate.description?.actions ?? []), served: served)
    }

    /// Without their versions, sorted.
    static func names(_ labels: [String]) -> [String] {
        let names = labels.map { label in ByteKey(label.split(separator: "@").first.map(String.init) ?? label) }
        return Set(names).map(\.text).sorted()
    }

    // MARK: Memory

    /// What the next master is to know changes with a deploy that has proved itself, and with the way back.
    mutating func remember() {
        guard let current else { return }
        var memory = ClusterMemory()
        memory.serving = probation == nil ? current : history.dropLast().last ?? current
        memory.rolledBack = rolledBack
        guard memory != remembered else { return }
        remembered = memory
        actions.append(.remember(memory))
    }
}
