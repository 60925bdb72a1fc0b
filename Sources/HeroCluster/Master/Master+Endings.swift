// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
internal import HeroBundles
internal import HeroLog
internal import HeroSystem

// Ending children, and what they leave.
extension Master {
    /// With all that it has started, such as a backtracer.
    func end(_ child: Child) {
        if kill(-child.pid, SIGKILL) != 0 { kill(child.pid, SIGKILL) }
    }

    /// Ends children that check; what they say from now on is not heard.
    func endChecks(where isMeant: (Child.Role) -> Bool) {
        for child in children.values where isMeant(child.role) {
            if case .worker = child.role { continue }
            child.role = .abandoned
            end(child)
        }
    }

    /// A child that was killed has not removed its pidfile.
    func removePidFile(of child: Child) {
        guard let path = child.pidFile, PidFile.process(in: path) == child.pid else { return }
        unlink(path)
    }

    /// Removes pidfiles of workers that were killed together with their master.
    func removeStalePidFiles() {
        let prefix = ServerIdentity.sanitized(options.workerTitlePrefix)
        for name in (try? FileContents.list(options.pidDirectory)) ?? [] {
            guard name.hasPrefix(prefix), Int(name.dropFirst(prefix.count)) != nil else { continue }
            let path = "\(options.pidDirectory)/\(name)"
            guard let pid = PidFile.process(in: path), !Descendants.isRunning(pid) else { continue }
            unlink(path)
        }
    }

    /// Ends everything that this process or its workers have started.
    ///
    /// - Returns: What does not end.
    func endDescendants() -> [String] {
        let (ended, left) = Descendants.end(except: foreign)
        if !ended.isEmpty {
            log.write(
                level: .notice, message: "ended what workers had left running: \(ended.joined(separator: ", "))",
                data: [])
        }
        guard !left.isEmpty else { return [] }
        let problem = "cannot end \(left.joined(separator: ", "))"
        log.write(level: .alert, message: problem, data: [])
        return [problem]
    }

    // MARK: Memory

    /// Why the generation before this one cannot be started: its release or its files have been removed.
    var obstacleToRollback: String? {
        guard let earlier = machine.earlier else { return nil }
        guard FileContents.exists(earlier.root) else { return "\(earlier) is gone: there is no \(earlier.root)" }
        guard plans[earlier] != nil,
            let content = GenerationStore(projectRoot: earlier.root).fingerprint(of: earlier.number)
        else { return "\(earlier) is gone: its files are not in \(GenerationStore(projectRoot: earlier.root).root)" }
        return content == earlier.content ? nil : "\(earlier) of \(earlier.root) is another one than it was"
    }

    /// Where this master's successor looks for it: in the release that the project's link leads to, and in that of what
    /// serves.
    func write(_ memory: ClusterMemory) {
        let stored = StoredMemory(memory: memory, plan: memory.serving.flatMap { plans[$0] })
        for root in Set([realRoot, memory.serving?.root ?? realRoot]) {
            do {
                try stored.write(projectRoot: root)
            } catch {
                log.write(
                    level: .warning, message: "what was rolled back is known until the next start only: \(error)",
                    data: [])
            }
        }
    }
}

/// What a master leaves for the next one of the project.
struct StoredMemory: Codable, Sendable {
    let memory: ClusterMemory
    /// The plan of the generation that has proved itself.
    let plan: ClusterPlan?

    /// - Returns: `nil` when there is none that can be read.
    static func read(projectRoot: String) -> StoredMemory? {
        let path = GenerationStore(projectRoot: projectRoot).memoryPath
        guard let text = try? FileContents.read(path) else { return nil }
        return try? JSON(parsing: text).decode(StoredMemory.self)
    }

    func write(projectRoot: String) throws {
        let text = try JSON(self).text(indent: 2) + "\n"
        try FileContents.replace(
            GenerationStore(projectRoot: projectRoot).memoryPath, with: text.utf8, mode: 0o600)
    }

    /// Without what cannot be started any more.
    var forMachine: ClusterMemory {
        var memory = memory
        memory.settings = plan?.settings
        if let serving = memory.serving,
            plan == nil || GenerationStore(projectRoot: serving.root).fingerprint(of: serving.number) != serving.content
        {
            memory.serving = nil
        }
        return memory
    }
}
