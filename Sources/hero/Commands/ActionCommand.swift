// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroShared

struct ActionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "action", abstract: "Run one action in this process and print its response as JSON.",
        usage: "hero action <name> [--apiVersion <version>] [--input value …]",
        discussion: "Inputs are flags; hero action NAME --help lists them. An error ends with status 1.")

    @Argument(help: "The action's name.")
    var name: String

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Inputs of the action.", visibility: .hidden))
    var inputs: [String] = []

    func run() async throws {
        if name == "--help" || name == "-h" { throw CleanExit.helpRequest(Self.self) }
        throw ExitCode(try await CommandProcess.run { try await run($0) })
    }

    private func run(_ command: CommandProcess) async throws -> Int32 {
        let process = command.process
        let (version, arguments) = takeVersion()
        guard let action = process.processor.actions.find(name, version: version) else {
            throw CommandFailure(unknown(process, version))
        }
        if arguments.contains("--help") || arguments.contains("-h") {
            let note = CommandNote(
                name: "action \(name)", description: action.description, example: "", inputs: action.inputs)
            try ReservedOutput.print(InputFlags.help(note))
            return 0
        }
        let parameters = try InputFlags.parse(arguments, action.inputs)
        return try await command.started {
            let call = try await process.processor.call(
                name, version: version, params: parameters, connectionType: "cli")
            return try await ActionOutput.write(call)
        }
    }

    /// `--apiVersion 2` is for the host, everything else for the action.
    private func takeVersion() -> (version: String?, rest: [String]) {
        var rest = inputs
        if let index = rest.firstIndex(of: "--apiVersion"), index + 1 < rest.count {
            let version = rest[index + 1]
            rest.removeSubrange(index...(index + 1))
            return (version, rest)
        }
        if let index = rest.firstIndex(where: { $0.hasPrefix("--apiVersion=") }) {
            return (String(rest.remove(at: index).dropFirst("--apiVersion=".count)), rest)
        }
        return (nil, rest)
    }

    private func unknown(_ process: HeroProcess, _ version: String?) -> String {
        let actions = process.processor.actions
        if let version, actions.contains(name) {
            let versions = actions.all.filter { $0.name == name }.map(\.version).joined(separator: ", ")
            return "the action \(name) has no version \(version); it has \(versions)"
        }
        let nearest = Spelling.nearest(to: name, among: actions.names).map { " – did you mean \($0)?" } ?? ""
        return "there is no action \(name)\(nearest)"
    }
}
