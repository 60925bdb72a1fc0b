// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroSystem
import Subprocess
import SystemPackage

/// Which commands a library has, found out when it is built, so that nobody who only looks has to load it.
enum CommandDescription {
    /// How long the child may take; a library that waits for something as it is loaded is no use as a bundle.
    static let limitSeconds: UInt32 = 30

    /// Asks a child, since loading runs the library's constructors.
    ///
    /// - Parameters:
    ///   - library: The file.
    ///   - libraries: Of the project, relative to it, in the order in which they can be loaded.
    ///   - layout: Where hero lies.
    ///   - projectRoot: The project.
    /// - Returns: The commands, or a warning that says why they are not known.
    static func of(
        _ library: String, libraries: [String], layout: InstallLayout, projectRoot: String
    ) async -> (commands: [CommandNote]?, warning: String?) {
        let answer = "\(library).commands"
        defer { unlink(answer) }
        do {
            let arguments =
                ["bundle", "describe", "--output", answer, library] + libraries.map { "\(projectRoot)/\($0)" }
            let result = try await Subprocess.run(
                .path(FilePath(layout.executable)), arguments: Arguments(arguments),
                workingDirectory: FilePath(projectRoot), output: .discarded, error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                let reason = result.standardError.split(separator: "\n").first.map(String.init)
                return (nil, unknown(reason ?? "\(result.terminationStatus)"))
            }
            return (try JSON(parsing: FileContents.read(answer)).decode([CommandNote].self), nil)
        } catch {
            return (nil, unknown("\(error)"))
        }
    }

    private static func unknown(_ reason: String) -> String {
        "hero help cannot show its commands: they could not be read from it (\(reason))"
    }

    /// Loads a library into this process.
    static func read(_ library: String, libraries: [String]) throws -> [CommandNote] {
        let path = library.hasPrefix("/") ? library : "\(Project.workingDirectory)/\(library)"
        return try CommandReader.commands(of: path, libraries: libraries).map { try note($0) }
    }

    private static func note<C: Command>(_ command: C.Type) throws -> CommandNote {
        CommandNote(
            name: command.name, description: command.description, example: command.example,
            inputs: try InputTable.of(command))
    }
}
