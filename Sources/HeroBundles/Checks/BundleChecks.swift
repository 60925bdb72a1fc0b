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
    let provided: ProvidedLibrary?
    private(set) var problems: [BundleProblem] = []
    private(set) var warnings: [String] = []

    init(path: String, elf: ELFFile, manifest: BundleManifest, host: HostInterface, provided: ProvidedLibrary?) {
        self.path = path
        self.elf = elf
        self.manifest = manifest
        self.host = host
        self.provided = provided
    }

    mutating func run() {
        checkKind()
        checkCompiler()
        checkVersion()
        do {
            let symbols = try elf.dynamicSymbols()
            checkTable(symbols)
            checkMissing(symbols)
            checkOwnCopies(symbols)
        } catch {
            problems.append(.unreadable(path, error, []))
        }
        checkLibraries()
        checkGlibc()
    }

    private mutating func checkKind() {
        guard manifest.kind != .swift, manifest.kind != .c else { return }
        problems.append(
            problem(
                .format, expected: "swift or c", found: manifest.kind.rawValue,
                "\(path) is a bundle of kind '\(manifest.kind.rawValue)', this host reads swift and c",
                remedy: "upgrade hero"))
    }

    /// A table that the dynamic linker does not see would be found missing only after the bundle's initialisers have run.
    private mutating func checkTable(_ symbols: [ELFFile.Symbol]) {
        guard manifest.kind == .c else { return }
        let table = symbols.first { $0.name == CTableReader.symbol && $0.isDefined }
        if table?.isObject == true { return }
        let found = table == nil ? "does not export \(CTableReader.symbol)" : "exports \(CTableReader.symbol) as code"
        problems.append(
            problem(
                .nothingFound, expected: CTableReader.symbol, found: nil, "\(path) \(found)",
                remedy: "include hero_bundle.h and define the table with HERO_BUNDLE(…)"))
    }

    private mutating func checkCompiler() {
        guard manifest.kind == .swift, manifest.swift != host.swift else { return }
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
        } else if bundle == offered, manifest.kind == .swift, manifest.sdkInterface != host.sdkInterface {
            warnings.append("\(path) was built for another state of SDK \(manifest.sdk), which is under development")
        }
    }

    private mutating func checkMissing(_ symbols: [ELFFile.Symbol]) {
        let defined = Set(symbols.lazy.filter(\.isDefined).map(\.name))
        let missing = symbols.filter { symbol in
            !symbol.isDefined && !symbol.isWeak && SDKSymbol.isOne(symbol.name) && !defined.contains(symbol.name)
                && !host.exports.contains(symbol.name) && provided?.exports.contains(symbol.name) != true
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
            manifest.kind == .c
            ? "link it without Swift code" : "build it with hero build, not as a target of a package"
        if let problem = BundleProblem.ownCopy(path, bundle: manifest.name, symbols, host, remedy: remedy) {
            problems.append(problem)
        }
    }

    private mutating func checkLibraries() {
        for name in elf.needed {
            if name.contains("/") {
                problems.append(
                    problem(
                        .library, expected: "a name without a directory", found: name,
                        "\(path) needs \(name) (absolute path)",
                        remedy: manifest.kind == .c
                            ? "link that library with -soname" : "build Sources/ with hero build"))
            } else if name != provided?.soname, !SystemLibrary.exists(name) {
                problems.append(
                    problem(
                        .library, expected: name, found: nil, "\(path) needs \(name), which is not there",
                        remedy: SystemLibrary.remedy(missing: name)))
            }
        }
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
        if manifest.build != BundleStamp.build, manifest.name == stem { return "hero build \(stem).swift" }
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

/// Whether the dynamic linker would find a library.
enum SystemLibrary {
    /// Asks the dynamic linker about libraries that this process uses already, and looks into its directories for others:
    /// opening the library would run its initialisers.
    static func exists(_ name: String) -> Bool {
        if let handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD) {
            dlclose(handle)
            return true
        }
        return path(name) != nil
    }

    /// What to do about a library that is not there.
    ///
    /// Swift's runtime exists once in a process, so its parts are never to be linked into a bundle (HB109).
    static func remedy(missing name: String) -> String {
        if name.hasPrefix("libFoundation") || name.hasPrefix("lib_Foundation") {
            return
                "import FoundationEssentials instead of Foundation, or install hero with make install FOUNDATION=full"
        }
        if name.hasPrefix("libswift") || name == "libdispatch.so" || name == "libBlocksRuntime.so" {
            return "it is part of Swift's runtime, which make install copies: install hero again"
        }
        return "install it, or link it statically into the bundle"
    }

    /// Where it lies, as far as the usual directories tell.
    static func path(_ name: String) -> String? {
        directories.lazy.map { "\($0)/\(name)" }.first { FileContents.exists($0) }
    }

    private static let directories: [String] = {
        var directories = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"]
        #if arch(x86_64)
            directories += ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"]
        #elseif arch(arm64)
            directories += ["/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        #endif
        if let path = getenv("LD_LIBRARY_PATH") {
            directories += String(cString: path).split(separator: ":").map(String.init)
        }
        // The host's own Swift libraries: everything that its runtime was found in.
        if let runtime = runtimeDirectory { directories.append(runtime) }
        return directories
    }()

    /// The directory of libswiftCore, where the other libraries of the toolchain or the installation lie.
    static let runtimeDirectory: String? = {
        guard let symbol = dlsym(nil, "swift_retain"), let name = hero_image_path(symbol) else { return nil }
        let path = String(cString: name)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }()
}

/// A version as semver.org defines it, without the parts behind the three numbers.
struct SemanticVersion: Comparable {
    let major: Int
    let minor: Int
    let patch: Int

    init?(_ text: String) {
        let numbers = text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = Int(numbers[0]), let minor = Int(numbers[1]), let patch = Int(numbers[2])
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
