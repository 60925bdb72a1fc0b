// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// What can be said about a bundle from its file alone.
package struct BundleInspection {
    private let path: String
    private let file: ELFFile
    private let manifest: BundleManifest?
    private let missingNote: BundleProblem?
    private let sdkSymbols: [String]

    /// - Throws: ``BundlesRefused`` for a file that is no shared object.
    package init(contents: [UInt8], path: String) throws {
        self.path = path
        do {
            file = try ELFFile(bytes: contents)
            let undefined = try file.dynamicSymbols().filter { !$0.isDefined && SDKSymbol.isOne($0.name) }
            sdkSymbols = Set(undefined.map { Demangling.readable($0.name) }).sorted()
        } catch {
            throw BundlesRefused(problems: [.unreadable(path, error, contents)])
        }
        do {
            manifest = try BundleNote.read(from: file)
            missingNote = nil
        } catch {
            manifest = nil
            missingNote = .note(path, error)
        }
    }

    package var json: JSON {
        var object: JSON.Object = [
            "file": .string(path), "machine": .string("\(Machine(rawValue: file.machine))"),
            "needs": .array(file.needed.map { .string($0) }),
            "glibc": file.requiredGlibc().map { .string("\($0)") } ?? .null,
            "sdkSymbols": .array(sdkSymbols.map { .string($0) }),
            "modules": .array(file.bundleModules().map { .string($0) }),
        ]
        object["note"] = manifest.flatMap { try? JSON($0) } ?? .null
        return .object(object)
    }

    /// Names of modules that are not what the note says show that it was stamped wrongly.
    private func module(_ manifest: BundleManifest) -> String {
        let found = file.bundleModules()
        guard !found.isEmpty, found != [manifest.module] else { return manifest.module }
        let names = found.joined(separator: ", ")
        return found.contains(manifest.module) ? names : "\(names) (the note says \(manifest.module))"
    }

    package var text: String {
        var lines = [path]
        if let manifest {
            lines += [
                "  name:      \(manifest.name) \(manifest.version) (\(manifest.kind.rawValue))",
                "  module:    \(module(manifest))",
                "  SDK:       \(manifest.sdk)"
                    + (manifest.sdkInterface.isEmpty ? "" : " (interface \(manifest.sdkInterface.prefix(12)))"),
                "  compiler:  \(manifest.swift ?? "not Swift")",
                "  target:    \(manifest.target)",
                "  build:     \(manifest.build)",
            ]
            if let interface = manifest.interface { lines.append("  interface: \(interface.prefix(12))") }
            if let libraries = manifest.libraries, !libraries.isEmpty {
                let list = libraries.sorted { $0.key < $1.key }.map { "\($0.key) (interface \($0.value.prefix(12)))" }
                lines.append("  libraries: \(list.joined(separator: ", "))")
            }
            if !manifest.flags.isEmpty { lines.append("  flags:     \(manifest.flags.joined(separator: " "))") }
        } else if let missingNote {
            lines.append("  \(missingNote)")
        }
        lines.append("  machine:   \(Machine(rawValue: file.machine))")
        lines.append("  needs:     \(file.needed.joined(separator: ", "))")
        if let glibc = file.requiredGlibc() { lines.append("  glibc:     \(glibc) or later") }
        lines.append("  uses \(sdkSymbols.count) declarations of the SDK")
        // Everything but the words in front is the file's own.
        return lines.map(PlainText.line).joined(separator: "\n")
    }
}
