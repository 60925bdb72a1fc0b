// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroSystem
import Subprocess
import SystemPackage

/// Compiles sources to a bundle beside them, or to a library that bundles share.
///
/// The compiler's frontend and the linker are called directly: the driver would start the same programs after thinking
/// about it for as long as they run.
struct BundleBuilder: Sendable {
    enum Mode: String, Sendable {
        case release
        case debug

        /// Line tables let a backtrace name files and lines; they cost nothing at run time.
        ///
        /// Without the pass `dce` the compiler is a tenth faster and its code the same: later passes find what it finds.
        /// The other two look for effects of functions on one another, of which a bundle's few have hardly any.
        var compilerFlags: [String] {
            switch self {
            case .release:
                ["-O", "-gline-tables-only"]
                    + ["dce", "compute-side-effects", "compute-escape-effects"].flatMap {
                        ["-Xllvm", "-sil-disable-pass=\($0)"]
                    }
            case .debug: ["-Onone", "-g"]
            }
        }
    }

    /// A file that is built, and the sources that it is built of.
    struct Product: Sendable {
        /// Relative to the project.
        let sources: [String]
        let module: String
        /// Where it goes, relative to the project.
        let output: String
        var kind = BundleManifest.Kind.swift
        /// Whether it is only ever run on this machine, where the toolchain is.
        var staysHere = false

        var isLibrary: Bool { kind == .library }
    }

    enum Outcome: Sendable {
        case upToDate
        /// - diagnostics: What the compiler printed, unaltered; warnings.
        case built(diagnostics: [UInt8])
        case failed(diagnostics: [UInt8])
    }

    let toolchain: Toolchain
    let host: HostInterface
    let layout: InstallLayout
    let projectRoot: String
    var mode: Mode
    var modules: SharedModules
    let directory: BuildDirectory

    /// - Parameter product: What to build.
    /// - Returns: Whether it was compiled, was up to date already or has errors.
    /// - Throws: ``CommandFailure`` when tools cannot be run or files not written; a compile error is an outcome.
    func build(_ product: Product) async throws -> Outcome {
        var trust = ProjectTrust(root: projectRoot)
        try trust.check([ProjectLibraries.directory, SharedModules.directory] + product.sources + [product.output])
        var manifest: BundleManifest
        do {
            manifest = try self.manifest(product)
        } catch let error as FileError where product.sources.contains(where: { error.path == "\(projectRoot)/\($0)" }) {
            return .failed(diagnostics: Array("error: \(error)\n".utf8))
        }
        if isUpToDate(product, manifest) { return .upToDate }
        let work = Work(root: projectRoot, path: "\(directory.path)/\(product.module)")
        // What lies in between is as secret as the sources are.
        try FileContents.createDirectory("\(projectRoot)/\(SharedModules.directory)", mode: 0o700)
        defer { for suffix in [".o", ".so", ".swiftmodule"] { unlink(work.full(suffix)) } }
        let compiled = try await compile(product, to: work.path)
        guard compiled.succeeded else { return .failed(diagnostics: compiled.output) }
        let object = try work.read(".o")
        let imports = try ObjectFile.autolinkFlags(object)
        // Hashes what the compiler was told, its output's path for one.
        let reproducible = try ObjectFile.withoutModuleHash(object)
        try FileContents.replace(work.full(".o"), with: reproducible, mode: 0o600)
        let linked = try await link(product, imports, work.path)
        guard linked.succeeded else { return .failed(diagnostics: compiled.output + linked.output) }
        let contents = try work.read(".so")
        let dropped = try lost(product, from: contents)
        guard dropped.isEmpty else { return .failed(diagnostics: compiled.output + dropped) }
        var diagnostics = compiled.output
        if Self.isAsked(product, contents) {
            let description = await CommandDescription.of(
                work.full(".so"), libraries: modules.provided.inLoadOrder().ordered.map(\.path), layout: layout,
                projectRoot: projectRoot)
            manifest.commands = description.commands
            diagnostics += description.warning.map { Array("warning: \(product.output): \($0)\n".utf8) } ?? []
        }
        let used = modules.used(imports)
        manifest.libraries = used.isEmpty ? nil : used
        if product.isLibrary {
            // Before the library: one whose module is another than its note says is built again.
            let module = try work.read(".swiftmodule")
            manifest.interface = SHA256.hexadecimal(module)
            try FileContents.replace(
                "\(projectRoot)/\(SharedModules.path(of: product.module))", with: module, mode: 0o644)
        }
        let stamped = try BundleStamp.stamped(contents, path: product.output, manifest)
        try FileContents.replace("\(projectRoot)/\(product.output)", with: stamped, mode: 0o755)
        diagnostics += unfitness(product, stamped)
        return .built(diagnostics: diagnostics)
    }

    /// What compilers and linkers write, before it is finished.
    private struct Work {
        let root: String
        /// Relative to the project, without a suffix.
        let path: String

        func full(_ suffix: String) -> String { "\(root)/\(path)\(suffix)" }

        /// - Throws: ``FileError``; a tool whose output found no room may end as if it had written it.
        func read(_ suffix: String) throws(FileError) -> [UInt8] {
            do throws(FileError) {
                return try FileContents.read(full(suffix))
            } catch {
                var disk = statvfs()
                guard error.code == ENOENT, statvfs("\(root)/tmp", &disk) == 0 else { throw error }
                let (free, limit) = (UInt64(disk.f_bavail) * UInt64(disk.f_frsize), 1 << 20 as UInt64)
                guard free < limit else { throw error }
                throw FileError("write", full(suffix), ENOSPC)
            }
        }
    }

    /// - Returns: What is to be said about types that a source declares for the host and its bundle does not have.
    private func lost(_ product: Product, from bundle: [UInt8]) throws -> [UInt8] {
        // The host looks for tests in another way, and for nothing in a library.
        guard product.sources.count == 1, !product.isLibrary else { return [] }
        return PrivateTypes.diagnostics(
            try texts(product), knowing: modules.hostProtocols, without: try BundleFile.typeNames(in: bundle))
    }

    private func texts(_ product: Product) throws -> [(path: String, text: String)] {
        try product.sources.map { source in
            (source, String(decoding: try FileContents.read("\(projectRoot)/\(source)"), as: UTF8.self))
        }
    }

    /// - Returns: What would keep the host from loading it, or from seeing what it defines: known now and not at the start.
    private func unfitness(_ product: Product, _ contents: [UInt8]) -> [UInt8] {
        guard !product.staysHere else { return [] }
        var lines: [String] = []
        if product.isLibrary {
            let library = try? ProvidedLibrary(contents: contents, path: product.output)
            let found = library?.check(contents, host: host, provided: modules.provided)
            lines = (found?.problems ?? []).map { "warning: \($0)" }
            lines += PrivateTypes.strays((try? texts(product)) ?? [], knowing: modules.hostProtocols)
        } else {
            do throws(BundlesRefused) {
                _ = try BundleFile.check(contents, path: product.output, host: host, provided: modules.provided)
            } catch {
                lines = error.problems.map { "warning: \($0)" }
            }
            let texts = (try? texts(product)) ?? []
            lines += ReservedNames.warnings(texts, knowing: modules.hostProtocols)
            lines += texts.compactMap { UselessBundles.warning($0, knowing: modules.hostProtocols, contents) }
        }
        return Array(lines.map { "\($0)\n" }.joined().utf8)
    }

    /// All that is known before the sources are compiled.
    private func manifest(_ product: Product) throws -> BundleManifest {
        let contents = try product.sources.map { SHA256.hexadecimal(try FileContents.read("\(projectRoot)/\($0)")) }
        let flags = mode.compilerFlags
        let ingredients =
            contents + [
                flags.joined(separator: " "), host.sdkInterface, host.swift, product.module, modules.fingerprint,
            ]
        var manifest = BundleManifest(
            kind: product.kind, name: String(product.output.dropLast(".so".count)), module: product.module,
            sdk: host.sdk, sdkInterface: host.sdkInterface, swift: host.swift, target: host.target,
            build: String(SHA256.hexadecimal(Array(ingredients.joined(separator: "\n").utf8)).prefix(32)), flags: flags,
            sources: try SourceFiles.fingerprint(of: product.sources, in: projectRoot))
        manifest.headers = modules.headers.isEmpty ? nil : modules.headers
        return manifest
    }

    private func isUpToDate(_ product: Product, _ manifest: BundleManifest) -> Bool {
        guard let contents = try? FileContents.read("\(projectRoot)/\(product.output)"),
            let known = fitting(contents, product)
        else { return false }
        let isDescribed = known.commands != nil || !Self.isAsked(product, contents)
        var expected = manifest
        // Which libraries the sources import is known once they are compiled; that those are the same was checked.
        (expected.libraries, expected.interface) = (known.libraries, known.interface)
        expected.commands = known.commands
        guard known == expected, isDescribed else { return false }
        return !product.isLibrary
            || known.interface == SharedModules.interface(of: product.module, in: projectRoot)
    }

    /// A command may inherit being one, which its file does not show.
    ///
    /// Whether a product is asked whether it declares something for the host: a library declares nothing, and the
    /// bundle of the tests stays with `hero test`.
    private static func isAsked(_ product: Product, _ contents: [UInt8]) -> Bool {
        guard !product.isLibrary, !product.staysHere else { return false }
        return product.output.hasPrefix("\(BundleRole.command.kind.directory)/") || BundleFile.hasCommands(contents)
    }

    /// - Returns: What a file says about itself that this host would load.
    private func fitting(_ contents: [UInt8], _ product: Product) -> BundleManifest? {
        guard product.isLibrary else {
            let provided = modules.provided
            return try? BundleFile.check(contents, path: product.output, host: host, provided: provided).file.manifest
        }
        let library = try? ProvidedLibrary(contents: contents, path: product.output)
        let problems = library?.check(contents, host: host, provided: modules.provided).problems
        return problems == [] ? library?.manifest : nil
    }
}

extension BundleBuilder.Product {
    /// The bundle of one source, beside it.
    ///
    /// - Parameter source: Relative to the project.
    init(bundleOf source: String) {
        self.init(
            sources: [source], module: ModuleNames.module(of: source), output: source.dropLast(".swift".count) + ".so")
    }
}
