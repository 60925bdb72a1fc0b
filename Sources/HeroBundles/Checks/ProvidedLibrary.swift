// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// A file of a project's `lib/`: a Swift module that `hero build` made and that bundles share, or a library in another
/// language that they need.
package struct ProvidedLibrary: Sendable {
    /// The file as the user knows it, relative to the project.
    package let path: String
    /// Its `DT_SONAME`, by which others need it; without one only its path leads to it.
    let soname: String?
    let exports: Set<String>
    /// Names of the libraries that it needs.
    let needed: [String]
    let sha256: String
    /// Nothing for a library in another language.
    package let manifest: BundleManifest?
    private let noteFault: BundleNote.Fault?

    /// - Throws: When the file cannot be read as a shared object.
    package init(contents: [UInt8], path: String) throws {
        self.path = path
        sha256 = SHA256.hexadecimal(contents)
        let elf = try ELFFile(bytes: contents)
        needed = elf.needed
        soname = elf.soname
        exports = Set(try elf.dynamicSymbols().lazy.filter(\.isDefined).map(\.name))
        do throws(BundleNote.Fault) {
            manifest = try BundleNote.read(from: elf)
            noteFault = nil
        } catch {
            manifest = nil
            noteFault = error
        }
    }

    var fileName: String { String(path.split(separator: "/").last ?? "") }

    /// What would otherwise show as a crash, as a cast that fails or as a library that cannot be loaded.
    ///
    /// - Parameters:
    ///   - contents: Its bytes, which are not kept.
    ///   - host: What it has to fit.
    ///   - provided: The libraries of the same generation.
    /// - Returns: Everything that is wrong, and what deserves a warning.
    package func check(
        _ contents: [UInt8], host: HostInterface, provided: [ProvidedLibrary]
    ) -> (problems: [BundleProblem], warnings: [String]) {
        guard let elf = try? ELFFile(bytes: contents) else { return ([.changing(path)], []) }
        guard Machine(rawValue: elf.machine) == host.machine else {
            return ([.machine(path, Machine(rawValue: elf.machine), host)], [])
        }
        if let noteFault, noteFault != .missing { return ([.note(path, noteFault)], []) }
        if let manifest, manifest.kind != .library { return ([.noLibrary(path, manifest)], []) }
        let isSwift = elf.sections.contains { $0.name.hasPrefix("swift5_") }
        if manifest == nil, isSwift { return ([.unknownLibrary(path)], []) }
        // Nothing is known of a library in another language, so nothing can be said against it but what its file shows.
        let known =
            manifest
            ?? BundleStamp.manifest(kind: .c, name: path, version: "0.0.0", module: soname ?? fileName, host: host)
        var checks = BundleChecks(path: path, elf: elf, manifest: known, host: host, provided: provided)
        checks.runForLibrary()
        return (checks.problems, checks.warnings)
    }
}

extension [ProvidedLibrary] {
    /// Each behind those that it needs, otherwise as they were.
    ///
    /// - Returns: The libraries in the order in which they can be loaded, and those that need one another.
    package func inLoadOrder() -> (ordered: [ProvidedLibrary], circle: [ProvidedLibrary]) {
        var (ordered, waiting): ([ProvidedLibrary], [ProvidedLibrary]) = ([], self)
        while !waiting.isEmpty {
            let names = Set(waiting.compactMap(\.soname))
            guard
                let next = waiting.firstIndex(where: { library in
                    !library.needed.contains { $0 != library.soname && names.contains($0) }
                })
            else { return (ordered, waiting) }
            ordered.append(waiting.remove(at: next))
        }
        return (ordered, [])
    }
}

extension BundleProblem {
    static func noLibrary(_ path: String, _ manifest: BundleManifest) -> BundleProblem {
        BundleProblem(
            .note, file: path, bundle: manifest.name, expected: "library", found: manifest.kind.rawValue,
            "\(path) is a bundle, not a library that bundles share", remedy: "move it to the directory of what it holds"
        )
    }

    /// Without a note nobody knows which compiler made it, nor what was compiled against it.
    static func unknownLibrary(_ path: String) -> BundleProblem {
        let name = path.split(separator: "/").last?.split(separator: ".").first ?? "NAME"
        return BundleProblem(
            .note, file: path, "\(path) is a Swift library that hero build did not make",
            remedy: "put its sources into lib/\(name)/ and use hero build")
    }

    static func circle(_ libraries: [ProvidedLibrary]) -> BundleProblem {
        let names = libraries.map(\.path)
        return BundleProblem(
            .library, file: names.first ?? "lib", "\(names.joined(separator: " and ")) need one another",
            remedy: "move what both use to a library of its own")
    }

    static func sameSoname(_ first: ProvidedLibrary, _ second: ProvidedLibrary) -> BundleProblem {
        BundleProblem(
            .moduleName, file: second.path, found: second.soname,
            "\(first.path) and \(second.path) both have the name \(second.soname ?? second.fileName), by which others need them",
            remedy: "remove one")
    }
}
