// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the SDK only grows")
struct AdditiveInterfaceTests {
    private let today = "\(Stage.root)/lib/hero/sdk"

    @Test(
        "nothing of an earlier interface is missing or different today, and nothing new is asked of bundles",
        arguments: KeptSDK.all + [.reduced])
    func additive(_ kept: KeptSDK) async throws {
        let comparison = try await InterfaceComparison(from: kept.root, to: today)
        #expect(comparison.breaks == [])
        #expect(comparison.unansweredRequirements == [])
    }

    @Test("the comparison sees what is gone")
    func seesRemovals() async throws {
        let comparison = try await InterfaceComparison(from: today, to: KeptSDK.reduced.root)
        #expect(comparison.breaks.contains("Func Context.skipAction() has been removed"))
        #expect(comparison.breaks.contains("Var Cookie.isSecure has been removed"))
    }

    @Test(
        "the comparison sees a new requirement, unless every type has a default",
        arguments: [("none", ["Action.color"]), (" where Self.Version == Swift.Int", ["Action.color"]), ("", [])])
    func seesRequirements(_ condition: String, _ expected: [String]) async throws {
        let project = try TestProject()
        // A requirement of no other protocol.
        let known = "  static var automaticRoute: Swift.Bool { get }\n"
        var text = try String(contentsOfFile: "\(today)/ActionHero.swiftinterface", encoding: .utf8)
        text = text.replacingOccurrences(of: known, with: known + "  static var color: Swift.String { get }\n")
        if condition != "none" {
            text += """
                extension ActionHero.Action\(condition) {
                  public static var color: Swift.String {
                    get
                  }
                }

                """
        }
        try project.write(text, to: "later/ActionHero.swiftinterface")
        let comparison = try await InterfaceComparison(from: today, to: project.path("later"))
        #expect(comparison.unansweredRequirements == expected && comparison.breaks == [])
    }
}
