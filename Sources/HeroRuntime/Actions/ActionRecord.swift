// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroBundles
internal import Synchronization

/// One version of an action, with everything about it read once when its bundle was loaded.
package final class ActionRecord: Sendable {
    package let name: String
    package let version: String
    package let description: String
    package let blockedConnectionTypes: [String]
    let logLevel: LogLevel
    /// Paths that it brings.
    package let routes: [Route]
    /// Whether it may have a path that nobody has written down.
    package let automaticRoute: Bool
    package let toDocument: Bool
    package let matchExtensionMimeType: Bool
    let execution: Execution
    /// 0 for none.
    let timeoutNanoseconds: Int64
    package let inputs: InputTable
    package let outputExample: JSON?
    /// The bundle that defines it, for messages.
    package let file: String
    /// The type in there, without its module; a C bundle has none.
    package let typeName: String?
    let prepare: Prepare
    /// The short way for actions around which nothing else runs; `nil` for those that need the thread pool.
    let launch: Launch?
    /// What runs around it, in order.
    let chain: [any ActionMiddleware]
    /// What is blamed when it blocks or crashes; has its number on the board.
    let watched: WatchedAction
    /// Whether the action has crashed too many workers.
    let isQuarantined = Atomic<Bool>(false)
    /// Calls that have begun and not ended.
    let runningCalls = Atomic<Int>(0)

    /// Makes an instance from parameters; the result runs it.
    typealias Prepare = @Sendable (ActionCall, _ missingValues: [JSON]) throws(InputProblems) -> Run
    typealias Run = @Sendable (Context) async throws -> EncodedOutput
    /// Makes an instance from parameters and starts it on the call's loop: one task, and nothing between it and the action.
    typealias Launch =
        @Sendable (
            ActionCall, _ missingValues: [JSON], _ completion: @escaping @Sendable (ActionCall) -> Void
        ) throws(InputProblems) -> Task<Void, Never>

    /// - Parameters:
    ///   - type: The action.
    ///   - file: The bundle that defines it.
    ///   - chain: What runs around it, in order.
    /// - Throws: `InputDeclarationError`.
    package init<A: Action>(_ type: A.Type, file: String, chain: [any ActionMiddleware] = []) throws {
        let table = try InputTable.of(type)
        name = type.name
        version = type.version.versionText
        watched = WatchedAction(name: name, version: version)
        description = type.description
        blockedConnectionTypes = type.blockedConnectionTypes
        logLevel = type.logLevel
        routes = type.routes
        automaticRoute = type.automaticRoute
        toDocument = type.toDocument
        matchExtensionMimeType = type.matchExtensionMimeType
        execution = type.execution
        timeoutNanoseconds = type.timeout.wholeNanoseconds
        inputs = table
        outputExample = A.OutputExample.self == NoOutput.self ? nil : try? JSON(type.outputExample)
        self.file = file
        typeName = _typeName(type, qualified: false)
        self.chain = chain
        prepare = { call, missingValues throws(InputProblems) in
            // Without inputs there is nothing to read, and no decoder needs to be made.
            let instance =
                table.isEmpty
                ? A() : try table.instantiate(A.self, from: call.params, missingValues: missingValues)
            return { context in try EncodedOutput(try await instance.run(context)) }
        }
        guard execution == .eventLoop else {
            launch = nil
            return
        }
        launch = { call, missingValues, completion throws(InputProblems) in
            let instance =
                table.isEmpty
                ? A() : try table.instantiate(A.self, from: call.params, missingValues: missingValues)
            return Task.immediate(executorPreference: call) {
                do {
                    call.setOutput(try EncodedOutput(try await instance.run(Context(host: call))))
                    call.processor.complete(call, .complete, nil, completion)
                } catch {
                    call.processor.fail(call, error, completion)
                }
            }
        }
    }

    /// - Parameters:
    ///   - action: A function of a C bundle. It may block, so it runs on the thread pool.
    ///   - file: The bundle that defines it.
    ///   - chain: What runs around it, in order.
    package init(_ action: CAction, file: String, chain: [any ActionMiddleware] = []) {
        name = action.name
        version = action.version
        watched = WatchedAction(name: name, version: version)
        description = action.description
        blockedConnectionTypes = []
        logLevel = .info
        routes = []
        automaticRoute = true
        toDocument = true
        matchExtensionMimeType = true
        execution = .threadPool
        timeoutNanoseconds = 0
        inputs = action.inputs.table
        outputExample = nil
        self.file = file
        typeName = nil
        self.chain = chain
        prepare = { call, missingValues throws(InputProblems) in
            let values = try action.inputs.values(from: call.params, missingValues: missingValues)
            return { _ in EncodedOutput(try action.run(values)) }
        }
        launch = nil
    }
}

extension ActionRecord {
    /// `name@version`, which is unique in a process.
    package var label: String { "\(name)@\(version)" }
}

extension Duration {
    /// Nanoseconds, at most `Int64.max`.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : max(0, scaled.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue)
    }
}
