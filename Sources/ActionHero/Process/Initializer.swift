// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Code that runs when the process boots, starts and stops: opening a database, providing services.
///
/// Each step runs the initializers one after the other, ordered by the step's priority; the framework's own use
/// priorities below 1000. ``after`` names initializers that have to come first whatever the numbers say. Stopping goes
/// in reverse of starting among those of one stop priority.
///
/// Under a cluster a new generation's initializers run while the old generation still serves, so what they do to shared
/// data has to suit both.
public protocol Initializer: Sendable {
    /// Makes the instance; called once, when the process boots.
    init()

    /// The name by which others come after it. Default: the type's name with a small first letter.
    static var name: String { get }
    /// Place of ``initialize(_:)``, 1 or more. Default: 1000.
    static var loadPriority: Int { get }
    /// Place of ``start(_:)``, 1 or more. Default: 1000.
    static var startPriority: Int { get }
    /// Place of ``stop(_:)``, 1 or more. Default: 1000.
    static var stopPriority: Int { get }
    /// Names of initializers that run before this one when the process boots and starts, and after it when the process
    /// stops. An unknown name and a cycle are errors at boot. Default: none.
    static var after: [String] { get }

    /// Runs once when the process boots, also for commands: read configuration, provide services.
    ///
    /// - Parameter application: The process.
    /// - Throws: Any error stops the boot.
    func initialize(_ application: Application) async throws

    /// Runs before the servers accept connections.
    ///
    /// - Parameter application: The process.
    /// - Throws: Any error stops the boot.
    func start(_ application: Application) async throws

    /// Runs when the process stops and no action runs any more; the others are stopped even when this one throws.
    ///
    /// Not called when actions go on until the time for stopping is over: what they use stays until the process ends.
    ///
    /// - Parameter application: The process.
    /// - Throws: Any error is logged.
    func stop(_ application: Application) async throws
}

extension Initializer {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// The default place.
    public static var loadPriority: Int { 1000 }
    /// The default place.
    public static var startPriority: Int { 1000 }
    /// The default place.
    public static var stopPriority: Int { 1000 }
    /// None has to come first.
    public static var after: [String] { [] }
    /// Does nothing.
    public func initialize(_ application: Application) async throws {}
    /// Does nothing.
    public func start(_ application: Application) async throws {}
    /// Does nothing.
    public func stop(_ application: Application) async throws {}
}
