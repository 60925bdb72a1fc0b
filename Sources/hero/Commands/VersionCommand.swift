// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroBundles

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version of hero and of the compiler that bundles have to match.")

    func run() throws {
        Terminal.print("hero \(SDK.version)")
        if let host = try? HostInterface.current() { Terminal.print("bundles: Swift \(host.swift), \(host.machine)") }
    }
}
