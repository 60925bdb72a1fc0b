// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// Gives a linked file its note.
package enum BundleStamp {
    /// What stands for a build that hero did not make.
    static let build = "stamped"

    /// Reads a library that is to be stamped, and makes sure that it is one for hero.
    ///
    /// - Parameters:
    ///   - path: The library.
    ///   - kind: What it is supposed to be.
    ///   - isForced: Whether any shared library will do.
    ///   - maximumSize: Larger files are refused unread; bytes.
    /// - Returns: Its bytes, and the module that its types belong to as far as it says so itself.
    /// - Throws: ``BundlesRefused`` for a file that is no shared object, ``StampRefused``, ``FileError``.
    package static func read(
        _ path: String, kind: BundleManifest.Kind, isForced: Bool,
        maximumSize: Int = BundleFile.maximumSize
    ) throws -> (contents: [UInt8], modules: [String]) {
        guard !FileContents.isLink(path) else {
            throw StampRefused("\(path) is a symbolic link: name the file that it leads to")
        }
        let contents = try BundleFile.read(path, maximumSize: maximumSize)
        let file: ELFFile
        let symbols: [ELFFile.Symbol]
        do throws(ELFFile.Fault) {
            file = try ELFFile(bytes: contents)
            symbols = try file.dynamicSymbols()
        } catch {
            throw BundlesRefused(problems: [.unreadable(path, error, contents)])
        }
        let isOurs =
            file.section(named: BundleNote.sectionName) != nil
            || symbols.contains { symbol in
                switch kind {
                case .c: symbol.name == BundleNote.cTableSymbol && symbol.isDefined
                case .host: symbol.isDefined && SDKSymbol.isOne(symbol.name)
                default: !symbol.isDefined && SDKSymbol.isOne(symbol.name)
                }
            }
        guard isOurs || isForced else {
            let lack = kind == .c ? "has no \(BundleNote.cTableSymbol)" : "uses nothing of the SDK"
            throw StampRefused("\(path) \(lack), so it is no bundle – --force stamps it all the same")
        }
        return (contents, file.bundleModules())
    }

    /// Adds or replaces the note of a file, which is replaced as a whole and keeps its permissions and its owner.
    ///
    /// - Throws: ``BundlesRefused`` for a file that is no shared object, ``FileError``.
    package static func stamp(_ path: String, _ manifest: BundleManifest) throws {
        try write(BundleFile.read(path), to: path, manifest)
    }

    /// - Parameters:
    ///   - contents: What was read from the file.
    ///   - path: The file; a regular one.
    ///   - manifest: What its note is to say.
    /// - Throws: ``BundlesRefused`` for a file that is no shared object, ``FileError``.
    package static func write(_ contents: [UInt8], to path: String, _ manifest: BundleManifest) throws {
        let stamped = try stamped(contents, path: path, manifest)
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileError("stat", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("replace", path, ELOOP) }
        try FileContents.replace(
            path, with: stamped, mode: status.st_mode & 0o777, owner: (status.st_uid, status.st_gid))
    }

    package static func stamped(_ contents: [UInt8], path: String, _ manifest: BundleManifest) throws -> [UInt8] {
        do {
            return try ELFStamp.add(note: BundleNote.make(manifest), to: contents)
        } catch let fault as ELFFile.Fault {
            throw BundlesRefused(problems: [.unreadable(path, fault, contents)])
        }
    }

    /// The manifest of a library that somebody linked by hand for this host.
    package static func manifest(
        kind: BundleManifest.Kind, name: String, version: String, module: String, host: HostInterface
    ) -> BundleManifest {
        let isSwift = kind == .swift
        return BundleManifest(
            kind: kind, name: name, version: version, module: module, sdk: host.sdk,
            sdkInterface: isSwift ? host.sdkInterface : "", swift: isSwift ? host.swift : nil, target: host.target,
            build: build)
    }

    /// What a host says about itself, taken from the interface of the SDK that was compiled into it.
    ///
    /// - Parameter interface: Path of `ActionHero.swiftinterface`.
    /// - Returns: The manifest to stamp into the host.
    /// - Throws: ``FileError`` when the file cannot be read, another error when it is no module interface.
    package static func hostManifest(interface: String) throws -> BundleManifest {
        let contents = try FileContents.read(interface)
        let compiler = try InterfaceHeader(contents, path: interface)
        return BundleManifest(
            kind: .host, name: "hero", version: SDK.version, module: "hero", sdk: SDK.version,
            sdkInterface: SHA256.hexadecimal(contents), swift: compiler.swift, target: compiler.target, build: "host")
    }
}

/// A file that is not stamped without being asked twice.
package struct StampRefused: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// How compilers state their version.
package enum CompilerVersion {
    /// `6.3.1 (swift-6.3.1-RELEASE)` out of `Swift version 6.3.1 (swift-6.3.1-RELEASE)`.
    package static func short(_ text: String) -> String {
        guard let range = text.firstRange(of: "Swift version ") else { return text }
        return String(text[range.upperBound...].prefix { $0 != "\n" })
    }
}
