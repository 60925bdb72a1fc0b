// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Loads the files of a generation into this process.
///
/// They are never unloaded: Swift's runtime keeps pointers into every image that it has seen.
package struct BundleLoader {
    private let held: HeldGeneration
    /// Set once an image had a conforming class: only then may another image have a subclass of it.
    private var hasClasses = false

    package init(_ held: HeldGeneration) {
        self.held = held
    }

    /// - Parameter isWanted: Which files to load; libraries are always loaded.
    /// - Returns: The loaded files in load order, with the types found in each.
    /// - Throws: ``BundlesRefused`` with all files that cannot be loaded or hold nothing.
    package mutating func load(
        where isWanted: (Generation.File) -> Bool = { _ in true }
    ) throws(BundlesRefused) -> [LoadedBundle] {
        var bundles: [LoadedBundle] = []
        var problems: [BundleProblem] = []
        for file in held.generation.files where file.role == .library || isWanted(file) {
            do throws(BundlesRefused) {
                if let definition = file.foreign {
                    bundles.append(LoadedBundle(file: file, types: [try foreign(definition, file)]))
                    continue
                }
                let image = try open(file)
                guard file.role != .library else {
                    hasClasses = hasClasses || TypeDiscovery.conformingTypes(in: image).contains { $0.type is AnyClass }
                    continue
                }
                let types = file.manifest?.kind == .c ? try actions(image, file) : try discover(image, file)
                bundles.append(LoadedBundle(file: file, types: types))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        return bundles
    }

    private func open(_ file: Generation.File) throws(BundlesRefused) -> LoadedImage {
        let path = held.store.storePath(file)
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            throw BundlesRefused(problems: [.loadFailed(file, reason: reason)])
        }
        do {
            // The dynamic linker has mapped the same file, so reading it in place adds no hazard.
            return try LoadedImage(handle: handle, elf: ELFFile(ELFReader(mapping: path)))
        } catch {
            throw BundlesRefused(problems: [.loadFailed(file, reason: "\(error)")])
        }
    }

    private func actions(_ image: LoadedImage, _ file: Generation.File) throws(BundlesRefused) -> [BundleType] {
        guard let address = image.symbol(BundleNote.cTableSymbol) else {
            throw BundlesRefused(problems: [
                .loadFailed(file, reason: "\(BundleNote.cTableSymbol) cannot be found in it")
            ])
        }
        return try CTableReader.actions(at: address, of: file).map { .cAction($0) }
    }

    private func foreign(
        _ definition: ForeignDefinition, _ file: Generation.File
    ) throws(BundlesRefused) -> BundleType {
        let library = file.isStored ? held.store.storePath(file) : definition.library
        do throws(BundleProblem) {
            return .cAction(try ForeignLoader.action(definition, library: library, file))
        } catch {
            throw BundlesRefused(problems: [error])
        }
    }

    private mutating func discover(
        _ image: LoadedImage, _ file: Generation.File
    ) throws(BundlesRefused) -> [BundleType] {
        var found: [(name: String, roles: [BundleType])] = []
        let conforming = TypeDiscovery.conformingTypes(in: image)
        for discovery in conforming {
            let (name, roles) = (_typeName(discovery.type), discovery.roles)
            guard !roles.isEmpty else {
                let reason = "the conformance of \(name) belongs to another SDK"
                throw BundlesRefused(problems: [.loadFailed(file, reason: reason)])
            }
            found.append((name, roles))
        }
        hasClasses = hasClasses || conforming.contains { $0.type is AnyClass }
        if hasClasses {
            for subclass in TypeDiscovery.subclasses(in: image)
            where !conforming.contains(where: { $0.type == subclass.type }) {
                found.append((_typeName(subclass.type), subclass.roles))
            }
        }
        let types = found.sorted { $0.name < $1.name }.flatMap(\.roles)
        guard !types.isEmpty else {
            throw BundlesRefused(problems: [.nothingFound(file, seen: TypeDiscovery.typeNames(in: image))])
        }
        return types
    }
}

extension BundleProblem {
    static func loadFailed(_ file: Generation.File, reason: String) -> BundleProblem {
        let words = reason.split(separator: " ", omittingEmptySubsequences: false).map {
            Demangling.readable(String($0))
        }
        return BundleProblem(
            .load, file: file.path, bundle: file.manifest?.name, found: reason,
            "\(file.path) cannot be loaded: \(words.joined(separator: " "))",
            remedy: "build it again against the libraries of this machine")
    }

    static func nothingFound(_ file: Generation.File, seen: [String]) -> BundleProblem {
        let names = seen.isEmpty ? "no types at all" : "types seen: \(seen.joined(separator: ", "))"
        return BundleProblem(
            .nothingFound, file: file.path, bundle: file.manifest?.name, expected: file.role.kind.noun, found: names,
            "\(file.path) defines no \(file.role.kind.noun) (\(names))",
            remedy: "is the conformance there, and is the type public if something else than hero build built it?")
    }
}
