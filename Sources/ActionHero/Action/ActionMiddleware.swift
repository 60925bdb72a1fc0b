// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Code that runs around actions: authentication, tracing, limits.
///
/// One instance serves all requests, at the same time. Global middleware runs for every action, ordered by
/// ``priority``; the others run for the actions that name them, after the global ones and in the action's order.
public protocol ActionMiddleware: Sendable {
    /// Makes the instance; called once, when the process boots.
    init()

    /// The name by which actions ask for it. Default: the type's name with a small first letter.
    static var name: String { get }
    /// Whether it runs for every action. Default: `false`.
    static var isGlobal: Bool { get }
    /// Global middleware runs in ascending order. Default: `general.defaultMiddlewarePriority`, which is 100.
    static var priority: Int { get }

    /// Runs before the action; parameters have neither been filtered nor validated yet.
    ///
    /// - Parameter context: What the action will get.
    /// - Throws: Any error ends the request; the action does not run.
    func before(_ context: Context) async throws

    /// Runs after the action, in any case: also when the action was skipped or something threw.
    ///
    /// - Parameters:
    ///   - context: What the action got; ``Context/response`` holds what it answered.
    ///   - error: The error that will be answered, or `nil`.
    /// - Throws: An error replaces a success; after another error it is logged.
    func after(_ context: Context, error: (any Error)?) async throws
}

extension ActionMiddleware {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// Runs only for actions that name it.
    public static var isGlobal: Bool { false }
    /// The default place among the global ones.
    public static var priority: Int { ActionMiddlewarePriority.unspecified }
    /// Does nothing.
    public func before(_ context: Context) async throws {}
    /// Does nothing.
    public func after(_ context: Context, error: (any Error)?) async throws {}
}

/// How middleware without a priority of its own is told apart from one that says 100.
package enum ActionMiddlewarePriority {
    /// Stands for `general.defaultMiddlewarePriority`.
    public static let unspecified = Int.min
}
