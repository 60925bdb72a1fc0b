// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroRuntime
import HeroServers
import HeroShared

struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Show every path of the web server, where it leads and who says so.",
        discussion: """
            Of several rows that fit a request the first counts. GET answers HEAD, too, where no row for HEAD fits; OPTIONS \
            is answered everywhere.
            """)

    @OptionGroup var options: ProjectOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        ReservedOutput.begin()
        let setup = options.setup(.command)
        let (listing, held) = try Refusal.reported {
            let application = try setup.makeApplication()
            // Loading leaves a store of bundles behind, and this command only looks.
            let loaded = Project.exists ? try Project.loadBundles(application) : nil
            let process = try HeroProcess(
                application, bundles: loaded?.bundles ?? [], checking: RouteCheck.problems)
            return (try RouteListing(application, actions: process.processor.actions), loaded?.held)
        }
        withExtendedLifetime(held) {}
        if json {
            try ReservedOutput.print(.array(listing.rows.map(\.json)))
        } else {
            let rows = [["METHODS", "PATH", "LEADS TO", "VERSION", "FROM"]] + listing.rows.map(\.cells)
            try ReservedOutput.print(Self.table(rows).joined(separator: "\n"))
        }
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
