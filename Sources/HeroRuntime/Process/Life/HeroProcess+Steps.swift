// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroSystem

/// The order of life of every process, from the first part that starts to the last. They stop in the opposite order:
/// nothing new is taken, connections end, then actions, and only then what those may still be using.
extension HeroProcess {
    /// The last part to start and the first to stop: whoever holds back connections starts what comes before it.
    static let intake = "intake"
    /// When this part has stopped, nothing is answered or worked on any more.
    static let lastOfWork = "jobs"

    /// - Parameters:
    ///   - foundation: What the process stands on: an embedded redis-server, the event loop, then Redis; last, its farewell.
    ///   - pidFile: Names the process for as long as it runs.
    ///   - application: Shares something with other processes.
    ///   - chain: The application's initializers; servers open their sockets at a place among them.
    ///   - servers: What clients connect to.
    ///   - processor: Where actions run.
    ///   - errors: What actions and initializers have reported.
    ///   - work: What runs beside them; `nil` for none.
    /// - Returns: All parts, those of the foundation first.
    static func steps(
        foundation: [LifeStep], _ pidFile: LifeStep, _ application: HeroApplication, _ chain: LifeStep,
        _ servers: ServerGroup, _ processor: ActionProcessor, _ errors: ErrorReporters,
        _ work: (any BackgroundWork)?
    ) -> [LifeStep] {
        foundation + [
            pidFile,
            // What the initializers send waits for the connection, not they for it.
            LifeStep(
                "shared services", start: { application.sharing.begin() },
                stop: { _ in await application.sharing.end() }),
            LifeStep("threads of the servers", stop: { _ in await servers.shutDown() }),
            // Those of initializers that could not stop.
            LifeStep("last error reports", stop: { _ in await errors.drain() }),
            chain,
            // While what the reporters use is still there.
            LifeStep("error reports", stop: { _ in await errors.drain() }),
            // Messages of others come before requests do.
            LifeStep("messages", start: { await application.sharing.hasBegun() }),
            LifeStep(lastOfWork, stop: { await work?.stop($0) }),
            LifeStep("actions", stop: { _ in await processor.drain() }),
            LifeStep("connections", stop: { await servers.drain($0) }),
            LifeStep(
                intake,
                start: {
                    try await work?.start()
                    try await servers.accept()
                },
                stop: { plan in
                    work?.takeNothingNew(plan)
                    await servers.takeNothingNew()
                }),
        ]
    }
}

extension PidFile {
    /// - Parameters:
    ///   - log: For what cannot be done.
    ///   - isNeeded: `false` for a worker, whose number the master knows: a full disk must not keep it from serving.
    /// - Returns: Writes it, and removes it.
    func step(_ log: LogRouter, isNeeded: Bool) -> LifeStep {
        LifeStep(
            "pidfile",
            start: {
                do {
                    try write()
                } catch {
                    guard !isNeeded else { throw error }
                    log.write(level: .warning, message: "there is no pidfile: \(error)", data: [])
                }
            },
            stop: { plan in
                guard !plan.becomesAnotherProgram, !remove() else { return }
                log.write(level: .error, message: "Unable to remove pidfile", data: [])
            })
    }
}
