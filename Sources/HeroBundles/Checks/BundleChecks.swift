// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// Compares one readable bundle with a host.
///
/// Collects everything, so that one deploy shows all that is wrong.
struct BundleChecks {
    let path: String
    let elf: ELFFile
    let manifest: BundleManifest
    let host: HostInterface
    let provided: [ProvidedLibrary]
    private var isLibrary = false
    private(set) var problems: [BundleProblem] = []
    private(set) var warnings: [String] = []

    init(path: String, elf: ELFFile, manifest: BundleManifest, host: HostInterface, provided: [ProvidedLibrary]) {
        self.path = path
        self.elf = elf
        self.manifest = manifest
        self.host = host
        self.provided = provided
    }

    mutating func run() {
        checkKind()
        runAll()
    }

    /// For a file of `lib/`, which defines nothing for the host.
    mutating func runForLibrary() {
        isLibrary = true
        runAll()
    }

    private mutating func runAll() {
        checkCompiler()
        checkVersion()
        var symbols: [ELFFile.Symbol] = []
        do {
            symbols = try elf.dynamicSymbols()
            checkTable(symbols)
            checkMissing(symbols)
            checkOwnCopies(symbols)
        } catch {
            problems.append(.unreadable(path, error, []))
        }
        checkInterfaces()
        checkLibraries(symbols)
        checkGlibc()
    }

    private mutating func checkKind() {
        if manifest.kind == .library {
            problems.append(
                problem(
                    .nothingFound, expected: "swift or c", found: "library",
                    "\(path) is a library that bundles share and defines nothing for the host",
                    remedy: "move it to lib/"))
        }
        guard ![.swift, .c, .library].contains(manifest.kind) else { return }
        problems.append(
            problem(
                .format, expected: "swift or c", found: manifest.kind.rawValue,
                "\(path) is a bundle of kind '\(manifest.kind.rawValue)', this host reads swift and c",
                remedy: "upgrade hero"))
    }

    /// A table that the dynamic linker does not see would be found missing only after the bundle's initialisers have run.
    private mutating func checkTable(_ symbols: [ELFFile.Symbol]) {
        guard manifest.kind == .c, !isLibrary else { return }
        let table = symbols.first { $0.name == BundleNote.cTableSymbol && $0.isDefined }
        if table?.isObject == true { return }
        let found =
            table == nil ? "does not export \(BundleNote.cTableSymbol)" : "exports \(BundleNote.cTableSymbol) as code"
        problems.append(
            problem(
                .nothingFound, expected: BundleNote.cTableSymbol, found: nil, "\(path) \(found)",
                remedy: "include hero_bundle.h and define the table with HERO_BUNDLE(…)"))
    }

    private mutating func checkCompiler() {
        guard [.swift, .library].contains(manifest.kind), manifest.swift != host.swift else { return }
        let found = manifest.swift ?? "an unknown version"
        problems.append(
            problem(
                .compiler, expected: host.swift, found: found,
                "\(path): built with Swift \(Self.shortVersion(found)), this host with \(Self.shortVersion(host.swift))",
                remedy: rebuild))
    }

    /// `6.3.1 (swift-6.3.1-RELEASE)` says everything twice, unless two builds share a number.
    private static func shortVersion(_ version: String) -> String {
        let number = version.prefix { $0 != " " }
        return version == "\(number) (swift-\(number)-RELEASE)" ? String(number) : version
    }

    private mutating func checkVersion() {
        guard let bundle = SemanticVersion(manifest.sdk), let offered = SemanticVersion(host.sdk) else {
            problems.append(
                problem(
                    .sdkMajor, expected: host.sdk, found: manifest.sdk,
                    "\(path): its note names the SDK version '\(manifest.sdk)', which is not a version",
                    remedy: rebuild))
            return
        }
        if bundle.major != offered.major {
            problems.append(
                problem(
                    .sdkMajor, expected: "\(offered.major)", found: manifest.sdk,
                    "\(path): built for SDK \(manifest.sdk), hero \(host.sdk) offers SDK \(offered.major)",
                    remedy: bundle > offered ? "upgrade hero or rebuild" : rebuild))
        } else if bundle > offered {
            warnings.append(
                "\(path) was built for SDK \(manifest.sdk), this is hero \(host.sdk); it uses nothing that is missing here"
            )
        } else if bundle == offered, manifest.kind != .c, manifest.sdkInterface != host.sdkInterface {
            warnings.append("\(path) was built for another state of SDK \(manifest.sdk), which is under development")
        }
    }

    private mutating func checkMissing(_ symbols: [ELFFile.Symbol]) {
        let defined = Set(symbols.lazy.filter(\.isDefined).map(\.name))
        let missing = symbols.filter { symbol in
            !symbol.isDefined && !symbol.isWeak && SDKSymbol.isOne(symbol.name) && !defined.contains(symbol.name)
                && !host.exports.contains(symbol.name)
                && !provided.contains(where: { $0.exports.contains(symbol.name) })
        }
        guard !missing.isEmpty else { return }
        var names: [String] = []
        for name in missing.map({ Demangling.readable($0.name) }) where !names.contains(name) { names.append(name) }
        problems.append(
            problem(
                .symbols, expected: names.joined(separator: ", "), found: nil,
                "\(path) needs \(names.joined(separator: ", ")), which hero \(host.sdk) does not have; "
                    + "built for SDK \(manifest.sdk)",
                remedy: upgradeRemedy))
    }

    private var upgradeRemedy: String {
        guard let bundle = SemanticVersion(manifest.sdk), let offered = SemanticVersion(host.sdk), bundle > offered
        else {
            return rebuild
        }
        return "upgrade hero to \(bundle.major).\(bundle.minor) or later"
    }

    private mutating func checkOwnCopies(_ symbols: [ELFFile.Symbol]) {
        let remedy =
            isLibrary
            ? "do not make the SDK a dependency of Sources/"
            : manifest.kind == .c
                ? "link it without Swift code" : "build it with hero build, not as a target of a package"
        if let problem = BundleProblem.ownCopy(path, bundle: manifest.name, symbols, host, remedy: remedy) {
            problems.append(problem)
        }
    }

    /// Sizes and positions of what a library defines are part of the code that uses it: one that has changed is as
    /// unfit as one of another compiler.
    private mutating func checkInterfaces() {
        for (name, wanted) in (manifest.libraries ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let library = provided.first(where: { $0.manifest?.module == name }) else {
                problems.append(
                    problem(
                        .library, expected: "\(name).so", found: nil,
                        "\(path) needs the library \(name) of the project, which is not there",
                        remedy: "hero build, and copy lib/ with the bundles"))
                continue
            }
            let found = library.manifest?.interface ?? "none"
            guard found != wanted else { continue }
            problems.append(
                problem(
                    .libraryInterface, expected: wanted, found: found,
                    "\(path) was compiled against another \(library.path): interface \(wanted.prefix(12)), "
                        + "found \(found.prefix(12))",
                    remedy: "hero build, and copy both"))
        }
    }

    private mutating func checkLibraries(_ symbols: [ELFFile.Symbol]) {
        for name in elf.needed where name.contains("/") {
            problems.append(
                problem(
                    .library, expected: "a name without a directory", found: name,
                    "\(path) needs \(name) (absolute path)",
                    remedy: manifest.kind == .c ? "link that library with -soname" : "build Sources/ with hero build"))
        }
        // What has been reported as a library of the project already.
        let ours = (manifest.libraries ?? [:]).keys.map { "\($0).so" }
        let named = provided.compactMap { library in library.soname.map { ($0, library) } }
        let search = SystemLibrary.search(
            for: elf, provided: Set(named.map(\.0) + ours),
            needs: Dictionary(named.map { ($0, $1.needed) }) { first, _ in first })
        for missing in search.missing {
            let whose = missing.neededBy.map { "\($0), which needs " } ?? ""
            problems.append(
                problem(
                    .library, expected: missing.name, found: nil,
                    "\(path) needs \(whose)\(missing.name), which is not there", remedy: remedy(for: missing)))
        }
        // What is missing would define some of them.
        guard search.missing.isEmpty, !problems.contains(where: { $0.code == .library }) else { return }
        let reached = named.filter { search.reached.contains($0.0) }.map(\.1)
        checkUndefined(symbols, search.definitions, reached)
    }

    /// The linker of a shared library takes every symbol for one that is going to be there.
    private mutating func checkUndefined(
        _ symbols: [ELFFile.Symbol], _ definitions: SystemLibrary.Definitions, _ linked: [ProvidedLibrary]
    ) {
        guard definitions.isComplete else { return }
        let open = symbols.filter { symbol in
            !symbol.isDefined && !symbol.isWeak && !symbol.name.isEmpty && !SDKSymbol.isOne(symbol.name)
                && !host.exports.contains(symbol.name)
                && !linked.contains(where: { $0.exports.contains(symbol.name) })
                && !definitions.contains(symbol.name)
        }
        guard let first = open.first else { return }
        let shown = open.prefix(3).map { Demangling.readable($0.name) }.joined(separator: ", ")
        let others = open.count > 3 ? " and \(open.count - 3) more" : ""
        problems.append(
            problem(
                .undefined, expected: nil, found: open.prefix(100).map(\.name).joined(separator: ", "),
                "\(path) cannot be loaded: undefined symbol: \(shown)\(others)",
                remedy: remedy(forUndefined: first.name)))
    }

    private func remedy(forUndefined symbol: String) -> String {
        if let library = provided.first(where: { $0.exports.contains(symbol) }) {
            let file = library.fileName.prefix { $0 != "." }
            let name = file.hasPrefix("lib") ? file.dropFirst(3) : file
            return "link \(library.path), which has it: link \"\(name)\" in the module.modulemap"
        }
        if symbol.hasPrefix("$s") { return "bundles do not see one another: move it to a library of lib/" }
        return manifest.kind == .c
            ? "link the library that has it"
            : "link the library that has it: name its package in lib/NAME/build.yml, or the library in the module.modulemap "
                + "beside it (link \"NAME\")"
    }

    private func remedy(for missing: SystemLibrary.Missing) -> String {
        if let file = provided.first(where: { $0.soname == nil && $0.fileName == missing.name }) {
            return "link \(file.path) with -soname \(missing.name): without a name of its own nothing finds it"
        }
        if let path = SystemLibrary.unlistedPath(missing.name) { return "run ldconfig, which has not seen \(path)" }
        let directories = elf.searchPath.inherited + (elf.searchPath.own ?? [])
        if missing.neededBy == nil, directories.contains(where: { $0.contains("ORIGIN") }) {
            return "put it into lib/: a bundle is loaded from a copy, where its $ORIGIN leads nowhere"
        }
        return SystemLibrary.remedy(missing: missing.name)
    }

    private mutating func checkGlibc() {
        guard let floor = elf.requiredGlibc(), floor > host.glibc else { return }
        problems.append(
            problem(
                .glibc, expected: "\(host.glibc) or older", found: "\(floor)",
                "\(path) needs glibc \(floor), this host has \(host.glibc)",
                remedy: "build on this distribution or an older one"))
    }

    private var rebuild: String {
        if manifest.kind == .c { return "build it with this host's hero_bundle.h, then hero bundle stamp --kind c" }
        let stem = path.hasSuffix(".so") ? String(path.dropLast(3)) : path
        if manifest.build != BundleStamp.build, manifest.name == stem {
            return manifest.kind == .library ? "hero build \(stem)" : "hero build \(stem).swift"
        }
        // There is no source beside it: somebody else has made it, or it was made elsewhere.
        let build =
            manifest.build == BundleStamp.build
            ? "build it again where it was made and stamp it there" : "build it again where its source is"
        return "get a build of \(manifest.name) \(manifest.version) for this host from whoever made it, or \(build)"
    }

    private func problem(
        _ code: BundleProblem.Code, expected: String?, found: String?, _ message: String, remedy: String
    ) -> BundleProblem {
        BundleProblem(
            code, file: path, bundle: manifest.name, expected: expected, found: found, message, remedy: remedy)
    }
}
