// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

@testable import HeroBundles

/// What the compiler's own tool says about the way from one interface to another.
struct InterfaceComparison {
    /// Changes that bundles built against the earlier interface would notice.
    let breaks: [String]
    /// Requirements of protocols that are new and that bundles of the earlier interface have no answer to.
    let unansweredRequirements: [String]

    /// - Parameters:
    ///   - earlier: A directory with an interface.
    ///   - later: Another.
    /// - Throws: An error when the tool cannot read one of them.
    init(from earlier: String, to later: String) async throws {
        let project = try TestProject()
        try await Self.dump(earlier, to: "earlier.json", in: project)
        try await Self.dump(later, to: "later.json", in: project)
        let result = try await Self.digester(
            ["-diagnose-sdk", "-abi", "-input-paths", "earlier.json", "-input-paths", "later.json"], in: project)
        let lines = (result.output + result.error).split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("/*") && !$0.isEmpty
        }
        // The tool takes a default for some types only as an answer for all, and a default that was there already for
        // none, so requirements are looked at here.
        let added = [" is a new API without '@available'", " has been added as a protocol requirement"]
        breaks = lines.filter { line in !added.contains { line.hasSuffix($0) } }
        let interface = try InterfaceText(directory: later)
        let names = lines.compactMap { line in
            added.first { line.hasSuffix($0) }.flatMap { suffix in
                line.dropLast(suffix.count).split(separator: " ", maxSplits: 1).last.map(String.init)
            }
        }
        unansweredRequirements = Set(names).filter(interface.isUnanswered).sorted()
    }

    private static func dump(_ directory: String, to output: String, in project: TestProject) async throws {
        // A module beside the interface would be taken instead.
        let copy = output + ".d/ActionHero.swiftinterface"
        try project.copy("\(directory)/ActionHero.swiftinterface", to: copy)
        let target = try KeptSDK.hostManifest.target
        let result = try await digester(
            [
                "-dump-sdk", "-abi", "-module", "ActionHero", "-I", output + ".d", "-o", output, "-avoid-location",
                "-avoid-tool-args", "-module-cache-path", "modules", "-target", target,
            ], in: project)
        guard result.code == 0, project.exists(output) else {
            throw KeptSDK.Failure(description: "\(directory): \(result.error)")
        }
    }

    private static func digester(_ arguments: [String], in project: TestProject) async throws -> Finished {
        try await Program.run("swift-api-digester", arguments, directory: project.root)
    }
}

/// An interface as text.
struct InterfaceText {
    private let lines: [Substring]

    init(directory: String) throws {
        let text = try String(contentsOfFile: "\(directory)/ActionHero.swiftinterface", encoding: .utf8)
        lines = text.replacingOccurrences(of: "\r", with: "").split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Whether something is a requirement of a protocol to which not every conforming type has an answer.
    ///
    /// An extension with a `where` does not count: bundles that were built before get no default from it.
    ///
    /// - Parameter name: For example `Action.timeout` or `ActionMiddleware.after(_:error:)`.
    /// - Returns: `false` also for what is no requirement.
    func isUnanswered(_ name: String) -> Bool {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return false }
        let member = parts[1].prefix { $0 != "(" }
        let isMember = { (line: Substring) in
            [":", "(", "<"].contains { line.contains("var \(member)\($0)") || line.contains("func \(member)\($0)") }
        }
        return block("public protocol \(parts[0]) ").contains(where: isMember)
            && !block("extension ActionHero.\(parts[0]) {").contains(where: isMember)
    }

    /// The lines between each line with this beginning and the brace that ends it.
    private func block(_ beginning: String) -> [Substring] {
        var (found, isInside): ([Substring], Bool) = ([], false)
        for line in lines {
            if line.hasPrefix(beginning) { isInside = true }
            if line == "}" { isInside = false }
            if isInside { found.append(line) }
        }
        return found
    }
}
