// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroSystem
import HeroTasks

/// Which failed jobs a command is about.
struct FailedChoice: ParsableArguments {
    @Argument(help: ArgumentHelp("Ids, as `hero tasks failed` and `hero tasks delayed` print them.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "All failed jobs.")
    var all = false

    @Option(help: ArgumentHelp("All failed jobs of this task.", valueName: "name"))
    var task: String?

    mutating func validate() throws {
        switch (ids.isEmpty, all, task) {
        case (true, false, nil): throw ValidationError("say which jobs: ids, --task or --all")
        case (false, false, nil), (true, true, nil), (true, false, _?): break
        default: throw ValidationError("say either ids, or --task, or --all")
        }
        for id in ids where Self.kind(id) == nil {
            throw ValidationError(
                "'\(PlainText.line(id))' is no id: `hero tasks failed` and `hero tasks delayed` print them")
        }
    }

    enum Kind {
        /// The SHA-1 of an entry of `failed`, or its beginning.
        case failed
        case delayed
        /// Of our own claims: dead, or to be retried.
        case claim
    }

    static func kind(_ id: String) -> Kind? {
        let isDigits: (Substring) -> Bool = { text in
            !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        if id.utf8.contains(UInt8(ascii: "~")) { return .claim }
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 2, Int(parts[0]) != nil, isDigits(parts[1]) { return .delayed }
        return id.utf8.count >= 6 && id.utf8.count <= 40 && isDigits(id[...]) ? .failed : nil
    }

    func ids(_ kind: Kind) -> [String] { ids.filter { Self.kind($0) == kind } }

    /// Asked for each entry.
    func isWanted(_ entry: FailedEntry) -> Bool {
        if all { return true }
        if let task { return entry.task.map { $0.utf8.elementsEqual(task.utf8) } ?? false }
        return ids(.failed).contains { entry.id.hasPrefix($0.prefix(FailedEntry.idLength)) }
    }
}
