// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// A bundle that passed every check that its file allows, still without a byte of it having run.
package struct BundleFile: Sendable {
    /// The file as the user knows it, relative to the project.
    package let path: String
    package let manifest: BundleManifest
    let elf: ELFFile

    /// The modules that bring types of the SDK, as the file's own metadata says; what the note says where it has none.
    package var modules: [String] {
        let modules = elf.bundleModules()
        return modules.isEmpty ? [manifest.module] : modules
    }
}

extension BundleFile {
    /// What a bundle may have where no configuration says anything else; bytes.
    package static let maximumSize = 256 << 20

    /// Names of the types in a linked file that conform to protocols of the SDK, without those of the types around them.
    ///
    /// - Throws: When the file cannot be read as a shared object.
    package static func typeNames(in contents: [UInt8]) throws -> Set<String> {
        let names = try ELFFile(bytes: contents).conformances().map(\.type)
        return Set(names.compactMap { $0.split(separator: ".").last.map(String.init) })
    }

    /// - Parameters:
    ///   - path: The file.
    ///   - maximumSize: Larger files are refused unread; bytes.
    /// - Returns: Its bytes.
    /// - Throws: ``BundlesRefused`` for a file that is too large, ``FileError``.
    package static func read(_ path: String, maximumSize: Int = BundleFile.maximumSize) throws -> [UInt8] {
        do throws(FileError) {
            return try FileContents.read(path, limit: maximumSize)
        } catch  where error.code == EFBIG {
            throw BundlesRefused(problems: [
                .tooLarge(path, FileIdentity(path: path)?.size, limit: maximumSize)
            ])
        }
    }

    /// - Parameter contents: Of a shared object.
    /// - Returns: Whether it has a type that is a command: such a type refers to the protocol.
    package static func hasCommands(_ contents: [UInt8]) -> Bool {
        let symbols = (try? ELFFile(bytes: contents).dynamicSymbols()) ?? []
        return symbols.contains { $0.name == SDKSymbol.commandProtocol && !$0.isDefined }
    }

    /// Checks one file; `docs/bundle-errors.md` lists the checks.
    ///
    /// - Parameters:
    ///   - contents: The file's bytes.
    ///   - path: The file as the user knows it.
    ///   - host: What the bundle has to fit.
    ///   - provided: The libraries of the same generation.
    /// - Returns: The checked bundle and what deserves a warning.
    /// - Throws: ``BundlesRefused`` with everything that is wrong.
    package static func check(
        _ contents: [UInt8], path: String, host: HostInterface, provided: [ProvidedLibrary] = []
    ) throws(BundlesRefused) -> (file: BundleFile, warnings: [String]) {
        let elf: ELFFile
        let manifest: BundleManifest
        do {
            elf = try ELFFile(bytes: contents)
            guard Machine(rawValue: elf.machine) == host.machine else {
                throw BundleProblem.machine(path, Machine(rawValue: elf.machine), host)
            }
            manifest = try BundleNote.read(from: elf)
        } catch let problem as BundleProblem {
            throw BundlesRefused(problems: [problem])
        } catch let fault as BundleNote.Fault {
            throw BundlesRefused(problems: [.note(path, fault)])
        } catch {
            throw BundlesRefused(problems: [.unreadable(path, error as? ELFFile.Fault, contents)])
        }
        var checks = BundleChecks(path: path, elf: elf, manifest: manifest, host: host, provided: provided)
        checks.run()
        guard checks.problems.isEmpty else { throw BundlesRefused(problems: checks.problems) }
        return (BundleFile(path: path, manifest: manifest, elf: elf), checks.warnings)
    }
}
