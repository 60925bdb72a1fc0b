// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroRuntime
import HeroSystem

/// What lies in a project's `lib/`: code that bundles share, and descriptions of C libraries.
struct ProjectLibraries: Sendable {
    /// `lib/NAME/`: its Swift sources become the module NAME in `lib/NAME.so`.
    struct Library: Sendable, Hashable {
        let name: String
        /// Relative to the project, sorted.
        let sources: [String]

        var directory: String { "\(ProjectLibraries.directory)/\(name)" }
        var output: String { "\(directory).so" }
    }

    static let directory = BundleRole.library.kind.directory
    private static let moduleMap = SourceFiles.moduleMap

    /// Sorted by name.
    private(set) var libraries: [Library] = []
    /// What is compiled into whatever imports a C library of the project, relative to the project.
    private(set) var descriptions: [String] = []
    /// Packages that pkg-config is to be asked about, by the file that names them.
    private(set) var packages: [(file: String, names: [String])] = []
    /// Sources that belong to no library.
    private(set) var strays: [String] = []

    /// - Parameter root: The project.
    /// - Throws: ``CommandFailure`` for a directory that cannot become a module, and errors of reading.
    init(in root: String) throws {
        for name in try FileContents.list("\(root)/\(Self.directory)") where !name.hasPrefix(".") {
            let path = "\(Self.directory)/\(name)"
            if FileContents.isDirectory("\(root)/\(path)") {
                try add(path, name: name, in: root)
            } else if name.hasSuffix(".swift") {
                strays.append(path)
            }
        }
    }

    private mutating func add(_ path: String, name: String, in root: String) throws {
        let sources = try SourceFiles.library(path, in: root)
        let file = "\(path)/\(LibraryBuildFile.name)"
        if FileContents.exists("\(root)/\(file)") {
            let names = try LibraryBuildFile.parse(FileContents.read("\(root)/\(file)"), path: file)
            packages.append((file, names))
        }
        if FileContents.exists("\(root)/\(path)/\(Self.moduleMap)") {
            guard sources.isEmpty else {
                throw CommandFailure(
                    "\(path) has Swift sources and a \(Self.moduleMap) – put the map into a directory of its own in lib/"
                )
            }
            descriptions += try SourceFiles.description(path, in: root)
        }
        guard !sources.isEmpty else { return }
        guard name != "ActionHero" else {
            throw CommandFailure("\(path) cannot become a module: the name is that of the SDK – rename it")
        }
        guard Self.isModuleName(name) else {
            throw CommandFailure(
                "\(path) cannot become a module: a name begins with a letter (A–Z, a–z) and goes on with such letters, "
                    + "digits and _")
        }
        libraries.append(Library(name: name, sources: sources))
    }

    private static func isModuleName(_ name: String) -> Bool {
        guard let first = name.first, first.isASCII, first.isLetter else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// Each library behind those that it imports.
    ///
    /// - Parameters:
    ///   - libraries: In any order.
    ///   - imports: Modules that each imports, by its name.
    /// - Returns: All of them.
    /// - Throws: ``CommandFailure`` when libraries import one another.
    static func ordered(_ libraries: [Library], by imports: [String: Set<String>]) throws -> [Library] {
        var (ordered, waiting): ([Library], [Library]) = ([], libraries)
        while !waiting.isEmpty {
            let names = Set(waiting.map(\.name))
            guard
                let next = waiting.firstIndex(where: { imports[$0.name, default: []].isDisjoint(with: names) })
            else {
                let circle = waiting.map(\.directory).joined(separator: " and ")
                throw CommandFailure(
                    "\(circle) import one another – move what both use to a library of its own")
            }
            ordered.append(waiting.remove(at: next))
        }
        return ordered
    }
}
