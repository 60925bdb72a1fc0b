// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroSystem

/// The commands that the notes of a project's bundles name.
struct NotedCommands {
    private(set) var commands: [CommandNote] = []
    /// Files in `commands/` whose note, if they have one, does not say which commands they have.
    private(set) var unknown: [String] = []

    var isEmpty: Bool { commands.isEmpty && unknown.isEmpty }

    /// Reads a bounded part of each bundle and runs nothing; what cannot be read has no commands.
    static func read(in projectRoot: String) -> NotedCommands {
        var noted = NotedCommands()
        let roles = BundleRole.ofBundles
        let candidates = (try? BundleCandidate.collect(in: projectRoot, roles: roles)) ?? []
        for candidate in candidates {
            let manifest = NoteFile.manifest("\(projectRoot)/\(candidate.path)")
            if let commands = manifest?.commands {
                noted.commands += commands
            } else if candidate.role == .command {
                noted.unknown.append(candidate.path)
            }
        }
        noted.commands.sort { $0.name < $1.name }
        return noted
    }

    static func remedy(_ path: String) -> String {
        "\(PlainText.line(path)) does not say which commands it has: run hero build, or hero bundle stamp --commands"
    }
}
