// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroBundles
package import HeroLog

/// Runs the initializers of a process, the framework's own among them, strictly one after the other.
package struct InitializerChain: Sendable {
    package typealias Step = @Sendable (Application) async throws -> Void

    private struct Member: Sendable {
        let name: String
        let initialize: Step
        let start: Step
        /// `nil` for a step of the framework, which stops in its own order.
        let stop: Step?
    }

    private let members: [Member]
    private let order: InitializerOrder
    private let log: LogRouter
    private let onStep: @Sendable (_ step: String, _ initializer: String) -> Void
    private let onFailure: @Sendable (InitializerFailure) -> Void

    /// A framework step that takes its place among the application's initializers when they start.
    package struct FrameworkStep: Sendable {
        let entry: InitializerOrder.Entry
        let start: Step

        package init(
            name: String, loadPriority: Int, startPriority: Int, stopPriority: Int, start: @escaping Step
        ) {
            entry = InitializerOrder.Entry(
                name: name, loadPriority: loadPriority, startPriority: startPriority, stopPriority: stopPriority,
                after: [], file: "the framework")
            self.start = start
        }
    }

    /// - Parameters:
    ///   - framework: The framework's own steps.
    ///   - types: The application's initializers with the bundles that define them, in the order of the files.
    ///   - log: Where each step is announced at debug level.
    ///   - onStep: Called before each step of each initializer.
    ///   - onFailure: Called when a step of one has failed.
    /// - Throws: `BundlesRefused` when names or priorities do not fit together.
    package init(
        framework: [FrameworkStep], types: [(type: any Initializer.Type, file: String)], log: LogRouter,
        onStep: @escaping @Sendable (_ step: String, _ initializer: String) -> Void = { _, _ in },
        onFailure: @escaping @Sendable (InitializerFailure) -> Void = { _ in }
    ) throws {
        let entries = framework.map(\.entry) + types.map { Self.entry($0.type, file: $0.file) }
        do {
            order = try InitializerOrder(entries)
        } catch {
            throw BundlesRefused(problems: [.definition("initializers", "initializers", "\(error)")])
        }
        members =
            framework.map { Member(name: $0.entry.name, initialize: { _ in }, start: $0.start, stop: nil) }
            + types.map { Self.member($0.type) }
        self.log = log
        self.onStep = onStep
        self.onFailure = onFailure
    }

    private static func entry(_ type: any Initializer.Type, file: String) -> InitializerOrder.Entry {
        InitializerOrder.Entry(
            name: type.name, loadPriority: type.loadPriority, startPriority: type.startPriority,
            stopPriority: type.stopPriority, after: type.after, file: file)
    }

    private static func member(_ type: any Initializer.Type) -> Member {
        let instance = type.init()
        return Member(
            name: type.name, initialize: instance.initialize(_:), start: instance.start(_:), stop: instance.stop(_:))
    }

    /// - Throws: ``InitializerFailure`` for the first that fails.
    package func initialize(_ application: Application) async throws {
        for position in order.order(by: \.loadPriority) {
            let member = members[position]
            log.write(level: .debug, message: "Loading initializer: \(member.name)", data: [])
            try await run(member.initialize, of: member, step: "initialize", application)
            log.write(level: .debug, message: "Loaded initializer: \(member.name)", data: [])
        }
    }

    /// - Throws: ``InitializerFailure`` for the first that fails.
    package func start(_ application: Application) async throws {
        for position in order.order(by: \.startPriority) {
            let member = members[position]
            log.write(level: .debug, message: "Starting initializer: \(member.name)", data: [])
            try await run(member.start, of: member, step: "start", application)
            log.write(level: .debug, message: "Started initializer: \(member.name)", data: [])
        }
    }

    /// Stops all of the application's, whatever each of them throws.
    package func stop(_ application: Application) async {
        for position in order.stopOrder() {
            let member = members[position]
            guard let stop = member.stop else { continue }
            log.write(level: .debug, message: "Stopping initializer: \(member.name)", data: [])
            do {
                try await run(stop, of: member, step: "stop", application)
                log.write(level: .debug, message: "Stopped initializer: \(member.name)", data: [])
            } catch {
                log.write(level: .error, message: "\(error)", data: [])
            }
        }
    }

    private func run(
        _ step: Step, of member: Member, step name: String, _ application: Application
    ) async throws {
        onStep(name, member.name)
        do {
            try await step(application)
        } catch {
            let failure = InitializerFailure(initializer: member.name, step: name, cause: error)
            // The servers' place among them is a member without a step for stopping; they report for themselves.
            if member.stop != nil { onFailure(failure) }
            throw failure
        }
    }
}

/// An initializer threw.
package struct InitializerFailure: Error, CustomStringConvertible {
    package let initializer: String
    package let step: String
    package let cause: any Error

    package var description: String { "Error from Initializer name=\(initializer) type=\(step): \(cause)" }
}
