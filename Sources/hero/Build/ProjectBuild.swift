// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroSystem

/// Builds the libraries and bundles of a project, bundles several at a time.
struct ProjectBuild {
    /// Knows what has been built of `lib/` once ``run(_:)`` has returned.
    private(set) var builder: BundleBuilder
    let progress: BuildProgress

    /// Directories whose files become bundles.
    static let roles = BundleRole.ofBundles

    init(builder: BundleBuilder, progress: BuildProgress) {
        self.builder = builder
        self.progress = progress
    }

    /// - Returns: Whether everything compiled.
    mutating func run(_ sources: ProjectSources) async throws -> Bool {
        try checkModules(sources.bundles)
        let libraries = try await inOrder(sources)
        progress.begin(libraries.count + sources.bundles.count)
        guard try await build(libraries) else {
            progress.end()
            Terminal.error("note: bundles may import what did not compile, so none was built")
            return false
        }
        let succeeded = try await build(sources.bundles)
        progress.end()
        if progress.hasBuilt { try reportConflicts() }
        return succeeded
    }

    /// Also between what was built now and what lay there.
    private func reportConflicts() throws {
        var conflicts = ActionConflicts(knowing: builder.modules.hostProtocols)
        for source in try SourceFiles.collect(in: builder.projectRoot) {
            guard let contents = try? FileContents.read("\(builder.projectRoot)/\(source)") else { continue }
            for warning in conflicts.add(String(decoding: contents, as: UTF8.self), of: source) {
                Terminal.error(PlainText.line(warning))
            }
        }
    }

    /// One after the other: what one imports has to be there.
    private mutating func build(_ libraries: [ProjectLibraries.Library]) async throws -> Bool {
        for library in libraries {
            let product = BundleBuilder.Product(
                sources: library.sources, module: library.name, output: library.output, kind: .library)
            let outcome = try await builder.build(product)
            progress.report(library.directory, outcome)
            if case .failed = outcome { return false }
            builder.modules.add(library, in: builder.projectRoot)
        }
        return true
    }

    private func build(_ sources: [String]) async throws -> Bool {
        let products = sources.map(BundleBuilder.Product.init(bundleOf:))
        return try await Self.build(products, builder) { progress.report($0, $1) }
    }

    /// Builds what does not depend on one another, as many at a time as there are processors.
    ///
    /// - Parameters:
    ///   - products: What to build.
    ///   - builder: Knows the libraries.
    ///   - report: Gets the first source and the outcome of each.
    /// - Returns: Whether everything compiled.
    /// - Throws: ``CommandFailure`` when tools cannot be run or files not written.
    static func build(
        _ products: [BundleBuilder.Product], _ builder: BundleBuilder,
        _ report: (String, BundleBuilder.Outcome) -> Void
    ) async throws -> Bool {
        let width = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return try await withThrowingTaskGroup(of: (String, BundleBuilder.Outcome).self) { group in
            var waiting = products[...]
            func startNext() {
                guard let product = waiting.popFirst() else { return }
                group.addTask { (product.sources.first ?? product.output, try await builder.build(product)) }
            }
            for _ in 0..<width { startNext() }
            var succeeded = true
            for try await (source, outcome) in group {
                report(source, outcome)
                if case .failed = outcome { succeeded = false }
                startNext()
            }
            return succeeded
        }
    }

    /// The libraries to build, each behind those that it imports.
    private func inOrder(_ sources: ProjectSources) async throws -> [ProjectLibraries.Library] {
        let all = sources.libraries.libraries
        for library in all where FileContents.exists("\(builder.toolchain.libraries)/\(library.name).swiftmodule") {
            throw CommandFailure("\(library.directory) has the name of one of Swift's own modules – rename it")
        }
        // Modules of earlier builds whose sources have gone must not be found any more.
        let modules = "\(builder.projectRoot)/\(SharedModules.directory)"
        var trust = ProjectTrust(root: builder.projectRoot)
        try trust.check([ProjectLibraries.directory, SharedModules.directory] + sources.libraries.descriptions)
        for name in try FileContents.list(modules) where !all.contains(where: { "\($0.name).swiftmodule" == name }) {
            unlink("\(modules)/\(name)")
        }
        guard all.count > 1 else { return all }
        let imports = try await withThrowingTaskGroup(of: (String, Set<String>).self) { group in
            for library in all {
                group.addTask { [builder] in (library.name, try await builder.imports(of: library.sources)) }
            }
            return try await group.reduce(into: [String: Set<String>]()) { $0[$1.0] = $1.1 }
        }
        let ordered = try ProjectLibraries.ordered(all, by: imports)
        guard let chosen = sources.chosenLibraries else { return ordered }
        var wanted = chosen
        for library in ordered.reversed() where wanted.contains(library.name) {
            wanted.formUnion(imports[library.name, default: []])
        }
        return ordered.filter { wanted.contains($0.name) }
    }

    /// `actions/a-b.swift` and `actions/a_b.swift` would be one module.
    private func checkModules(_ sources: [String]) throws {
        var known: [String: String] = [:]
        for source in sources {
            let module = ModuleNames.module(of: source)
            if let first = known.updateValue(source, forKey: module) {
                let (first, source) = (PlainText.line(first), PlainText.line(source))
                throw CommandFailure("\(first) and \(source) would both become the module \(module) – rename one")
            }
        }
    }

    /// Bundles and libraries whose source has gone are still loaded; say so, because that is rarely meant on a
    /// developer's machine.
    static func orphans(_ sources: ProjectSources, in root: String) throws -> [String] {
        let libraries = try BundleCandidate.collect(in: root, roles: [.library]).compactMap { candidate in
            (try? FileContents.read("\(root)/\(candidate.path)")).flatMap {
                try? ProvidedLibrary(contents: $0, path: candidate.path)
            }
        }
        let made = Set(sources.libraries.libraries.map(\.output))
        let bundles = try BundleCandidate.collect(in: root, roles: roles).map(\.path).filter { path in
            !FileContents.exists("\(root)/\(path.dropLast(3)).swift") && wasBuiltHere(path, root, libraries)
        }
        let orphans = libraries.filter { library in
            !made.contains(library.path) && library.manifest?.name == String(library.path.dropLast(3))
        }
        return orphans.map(\.path) + bundles
    }

    private static func wasBuiltHere(_ path: String, _ root: String, _ provided: [ProvidedLibrary]) -> Bool {
        guard let contents = try? FileContents.read("\(root)/\(path)"),
            let host = try? HostInterface.current(),
            let known = try? BundleFile.check(contents, path: path, host: host, provided: provided)
        else { return false }
        return known.file.manifest.name == path.dropLast(3)
    }
}
