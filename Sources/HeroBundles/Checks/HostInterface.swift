// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import HeroSystem

/// What a host offers to bundles: the right-hand side of every check.
package struct HostInterface: Sendable {
    /// The SDK's version, which is the host's.
    package let sdk: String
    /// SHA-256 of the SDK's interface.
    package let sdkInterface: String
    /// The full version of the compiler that built the host.
    package let swift: String
    package let machine: Machine
    /// The target triple that the host was built for.
    package let target: String
    let glibc: GlibcVersion
    let exports: HostExports
    /// Equal for two processes of the same executable; nothing when what was checked is not to be remembered.
    let identity: String?

    init(
        sdk: String, sdkInterface: String, swift: String, machine: Machine, target: String, glibc: GlibcVersion,
        exports: HostExports, identity: String? = nil
    ) {
        self.sdk = sdk
        self.sdkInterface = sdkInterface
        self.swift = swift
        self.machine = machine
        self.target = target
        self.glibc = glibc
        self.exports = exports
        self.identity = identity
    }

    /// Reads what this process offers from its own executable.
    ///
    /// - Throws: ``HostInterfaceError`` when the executable carries no note, that is, when it was not installed by
    ///   `make build` or `make install`.
    package static func current() throws -> HostInterface {
        let executable = "/proc/self/exe"
        do {
            let file = try ELFFile(ELFReader(mapping: executable))
            let manifest = try BundleNote.read(from: file)
            return HostInterface(
                sdk: manifest.sdk, sdkInterface: manifest.sdkInterface, swift: manifest.swift ?? "unknown",
                machine: Machine(rawValue: file.machine), target: manifest.target, glibc: .running,
                exports: .executable(try ELFSymbolLookup(file)),
                // The C library can be exchanged below an executable.
                identity: FileIdentity(path: executable).map { "\($0) \(GlibcVersion.running)" })
        } catch {
            throw HostInterfaceError(cause: error)
        }
    }
}

/// The host does not know which bundles fit it.
package struct HostInterfaceError: Error, CustomStringConvertible {
    let cause: any Error

    package var description: String {
        "this hero carries no description of itself (\(cause)) – build it with make build or make install"
    }
}

extension GlibcVersion {
    /// The C library that this process runs with.
    static var running: GlibcVersion {
        GlibcVersion(String(cString: hero_glibc_version())) ?? GlibcVersion(major: 0, minor: 0)
    }
}

/// Which symbols belong to the SDK.
enum SDKSymbol {
    /// The descriptor of the protocol `Command`.
    static let commandProtocol = "$s10ActionHero7CommandMp"

    /// A prefix test would miss conformances of other types: `$sSi10ActionHero13ActionVersionAAWP` is `Int`'s.
    static func isOne(_ name: String) -> Bool {
        name.hasPrefix("hero_") || name.utf8.contains("10ActionHero".utf8)
    }
}

extension String.UTF8View {
    /// Whether the other text occurs in this one; symbol tables are long, so without building strings.
    func contains(_ other: String.UTF8View) -> Bool {
        guard let first = other.first else { return true }
        var rest = self[...]
        while let candidate = rest.firstIndex(of: first) {
            if rest[candidate...].starts(with: other) { return true }
            rest = rest[index(after: candidate)...]
        }
        return false
    }
}
