// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc

/// Gives a linked file its note.
package enum BundleStamp {
    /// Adds or replaces the note of a file, which is replaced as a whole.
    ///
    /// - Throws: ``BundlesRefused`` for a file that is no shared object, ``FileError``.
    package static func stamp(_ path: String, _ manifest: BundleManifest) throws {
        let contents = try FileContents.read(path)
        let stamped = try stamped(contents, path: path, manifest)
        var status = stat()
        let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o755
        try FileContents.replace(path, with: stamped, mode: mode)
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
            build: "stamped")
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

/// The comments at the top of a `.swiftinterface`.
struct InterfaceHeader {
    /// `6.3.1 (swift-6.3.1-RELEASE)`.
    let swift: String
    let target: String

    init(_ contents: [UInt8], path: String) throws {
        var swift: String?
        var target: String?
        for line in String(decoding: contents.prefix(4096), as: UTF8.self).split(separator: "\n") {
            if let value = Self.value(of: "// swift-compiler-version: ", in: line) {
                swift = CompilerVersion.short(value)
            }
            if let flags = Self.value(of: "// swift-module-flags: ", in: line) {
                let words = flags.split(separator: " ")
                target = words.firstIndex(of: "-target").flatMap {
                    words.indices.contains($0 + 1) ? String(words[$0 + 1]) : nil
                }
            }
        }
        guard let swift, let target else {
            throw HostInterfaceError(cause: BundleNote.Fault.unreadable("\(path) names no compiler"))
        }
        self.swift = swift
        self.target = target
    }

    private static func value(of prefix: String, in line: Substring) -> String? {
        line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : nil
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
