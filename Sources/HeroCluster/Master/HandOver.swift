// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
internal import HeroLog
internal import HeroSystem

/// Everything that a new executable needs to go on where this one stops.
package struct HandOver: Codable, Sendable {
    /// To be raised with every change of what is written: a program says which it reads, and a check compares them.
    static let format = 2
    /// Names the memory file in the environment of the new program.
    static let variable = "HERO_HAND_OVER"

    struct ChildRecord: Codable, Sendable {
        let pid: Int32
        let serial: Int
        let slot: Int?
        let channel: Int32
        let output: Int32
        let errors: Int32
        let description: WorkerDescription?
        var pidFile: String?
    }

    struct Socket: Codable, Sendable {
        let listener: ClusterPlan.Listener
        let descriptor: Int32
        /// The name under which systemd handed it over, if it did.
        var activatedAs: String?
    }

    struct Plan: Codable, Sendable {
        let generation: GenerationID
        let plan: ClusterPlan
    }

    /// The format that it was written in; `nil` stands for the first format, which had no number.
    var format: Int? = Self.format
    let machine: ClusterMachine
    let children: [ChildRecord]
    let sockets: [Socket]
    /// Sockets from systemd that no server asks for.
    let activated: [ActivatedSocket]
    let plans: [Plan]
    let lock: Int32
    let lockPath: String
    let control: Int32
    let controlPath: String
    let board: Int32
    /// Children that are none of the cluster's.
    var foreign: [Int32]?

    static func isReceived(_ environment: [String: String]) -> Bool { environment[variable] != nil }

    /// - Throws: ``MasterFailure`` when what was handed over cannot be read.
    static func received(_ environment: [String: String]) throws -> HandOver? {
        guard let text = environment[variable] else { return nil }
        unsetenv(variable)
        guard let descriptor = Int32(text), lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw MasterFailure("\(variable) names no memory file: \(text)")
        }
        defer { close(descriptor) }
        do {
            return try JSON(parsing: bytes(of: descriptor)).decode(HandOver.self)
        } catch {
            throw MasterFailure("what the earlier executable has handed over cannot be read: \(error)")
        }
    }

    /// What serves, for an executable that has taken over and is not a master yet.
    ///
    /// - Returns: `nil` for one that has not, and where nothing serves.
    package static func serving(_ environment: [String: String]) -> GenerationID? {
        guard let descriptor = environment[variable].flatMap({ Int32($0) }), lseek(descriptor, 0, SEEK_SET) == 0 else {
            return nil
        }
        return (try? JSON(parsing: bytes(of: descriptor)).decode(HandOver.self))?.machine.current
    }

    /// - Parameter descriptor: Of a memory file, which is read from where it stands.
    /// - Returns: What there is up to its end.
    static func bytes(of descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// - Returns: A memory file, or `nil`.
    func write() -> Int32? {
        guard let json = try? JSON(self) else { return nil }
        let descriptor = hero_memory_file("hero-hand-over")
        guard descriptor >= 0 else { return nil }
        var bytes = Array(json.description.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(descriptor)
                return nil
            }
            bytes = bytes.dropFirst(count)
        }
        return descriptor
    }
}

extension Master {
    /// Becomes the new executable; returns only when that fails.
    func handOver() {
        for child in children.values { child.flush() }
        // Their answers would find nobody.
        endChecks { _ in true }
        let state = handOverState()
        log.flush()
        guard let file = state.write() else {
            handle(.handOverFailed("no memory file"))
            return
        }
        _ = fcntl(file, F_SETFD, 0)
        setenv(HandOver.variable, String(file), 1)
        keepDescriptors(true)
        for service in services { service.handOver() }
        var words: [UnsafeMutablePointer<CChar>?] =
            ([options.executable] + options.arguments).map { strdup($0) } + [nil]
        let image = upgradeImage >= 0 ? "/proc/self/fd/\(upgradeImage)" : options.executable
        let reason = String(
            cString: strerror(hero_execute(image, &words, SignalPipe.caught, SignalPipe.caught.count)))
        for service in services { service.resume() }
        keepDescriptors(false)
        unsetenv(HandOver.variable)
        close(file)
        for word in words { free(word) }
        handle(.handOverFailed("\(options.executable): \(reason)"))
    }

    /// What a new executable would be given now.
    func handOverState() -> HandOver {
        let records = children.values.compactMap { child -> HandOver.ChildRecord? in
            guard case .worker(let serial) = child.role else { return nil }
            return HandOver.ChildRecord(
                pid: child.pid, serial: serial, slot: child.slot, channel: child.channel, output: child.output,
                errors: child.errors, description: child.description, pidFile: child.pidFile)
        }
        return HandOver(
            machine: machine, children: records,
            sockets: listeners.all, activated: listeners.activated,
            plans: plans.map { HandOver.Plan(generation: $0.key, plan: $0.value) },
            lock: lock.descriptor, lockPath: lock.path, control: control.descriptor, controlPath: control.path,
            board: board.descriptor, foreign: foreign.sorted())
    }

    /// Whether a new program has what this one works with; the next worker must not have it.
    private func keepDescriptors(_ isKept: Bool) {
        let own = [lock.descriptor, control.descriptor, board.descriptor]
        let lines = children.values.flatMap { [$0.channel, $0.output, $0.errors] }
        for descriptor in own + lines + listeners.descriptors where descriptor >= 0 {
            _ = fcntl(descriptor, F_SETFD, isKept ? 0 : FD_CLOEXEC)
        }
    }

    /// Takes up what an earlier executable has left.
    func restore(_ handOver: HandOver) {
        listeners.restore(handOver.sockets, activated: handOver.activated)
        for record in handOver.plans { plans[record.generation] = record.plan }
        for record in handOver.children {
            let child = Child(
                role: .worker(serial: record.serial), pid: record.pid, slot: record.slot, channel: record.channel,
                output: record.output, errors: record.errors)
            child.description = record.description
            child.pidFile = record.pidFile
            children[record.pid] = child
            if let slot = record.slot { usedSlots.insert(slot) }
        }
    }
}
