// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A command of the application's own, run as `hero NAME --input value …`.
///
/// Its inputs become flags. The configuration is loaded and initializers have run their `initialize` step; no server is
/// started.
public protocol Command: InputObject {
    /// What the user types; words are separated by spaces. Default: the type's name with a small first letter.
    static var name: String { get }
    /// What it does, in one sentence. Default: ``name``.
    static var description: String { get }
    /// A call as a user would type it, shown by `--help`. Default: none.
    static var example: String { get }

    /// Does the work; the process ends with status 0 when it returns.
    ///
    /// - Parameter application: The process that runs the command.
    /// - Throws: Any error is printed and ends the process with status 1.
    func run(_ application: Application) async throws
}

extension Command {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// The command's name.
    public static var description: String { name }
    /// No example.
    public static var example: String { "" }
}
