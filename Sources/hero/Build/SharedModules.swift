// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroSystem

/// What sources of a project can import from `lib/`, and what has been built of it.
struct SharedModules: Sendable {
    /// Where the modules of built libraries lie; only compilers read them.
    static let directory = "tmp/build/modules"

    /// SHA-256 of the module of each library that has been built, by its name.
    private(set) var interfaces: [String: String] = [:]
    /// The files of `lib/`, for the checks of what needs them.
    private(set) var provided: [ProvidedLibrary] = []
    let flags: PackageFlags
    /// Hashes over what describes C libraries, by directory.
    let headers: [String: String]
    /// What a type of this project may conform to and be meant for the host: protocols of the SDK, and those of `lib/` that
    /// inherit from them; each with the protocol of the SDK.
    let hostProtocols: HostProtocols
    /// Changes when what may be imported changes, other than by an interface.
    let fingerprint: String
    /// Changes when a header in `lib/` does, or where others are looked for; `nil` where no module has any.
    let headersFingerprint: String?

    /// - Parameters:
    ///   - libraries: What `lib/` holds.
    ///   - flags: Of the packages that it names.
    ///   - root: The project.
    /// - Throws: An error when a file cannot be read.
    init(_ libraries: ProjectLibraries, flags: PackageFlags, in root: String) throws {
        self.flags = flags
        headers = try SourceFiles.headers(in: root)
        hostProtocols = HostProtocols().adding(
            libraries.libraries.flatMap(\.sources).compactMap { source in
                // What cannot be read is said when the library is built.
                (try? FileContents.read("\(root)/\(source)")).map { String(decoding: $0, as: UTF8.self) }
            })
        let modules = try DirectoryTree.files(below: ProjectLibraries.directory, in: root, suffix: ".swiftmodule")
        let hashes = try (libraries.descriptions + modules).map { path in
            "\(path) \(SHA256.hexadecimal(try FileContents.read("\(root)/\(path)")))"
        }
        fingerprint = (libraries.libraries.map(\.name) + hashes + flags.compiler + flags.linker).joined(separator: "\n")
        let described = headers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + flags.compiler
        headersFingerprint =
            headers.isEmpty ? nil : String(SHA256.hexadecimal(Array(described.joined(separator: "\n").utf8)).prefix(16))
        // Others than those that `hero build` makes, in other languages.
        let made = Set(libraries.libraries.map(\.output))
        for path in try DirectoryTree.files(below: ProjectLibraries.directory, in: root, suffix: ".so")
        where !made.contains(path) { add(path, in: root) }
    }

    /// Takes note of a library that is built.
    mutating func add(_ library: ProjectLibraries.Library, in root: String) {
        add(library.output, in: root)
        interfaces[library.name] = Self.interface(of: library.name, in: root)
    }

    /// What cannot be read is found out by the checks of what needs it.
    private mutating func add(_ path: String, in root: String) {
        guard let contents = try? FileContents.read("\(root)/\(path)"),
            let library = try? ProvidedLibrary(contents: contents, path: path)
        else { return }
        provided.append(library)
    }

    /// The interfaces that something was compiled against.
    ///
    /// - Parameter imports: What its object file asks the linker for: the libraries that it imports itself.
    /// - Returns: Those and the ones that they import, whose types may be part of theirs even where they hide it.
    func used(_ imports: [String]) -> [String: String] {
        let direct = Set(interfaces.keys.filter { imports.contains("-l\($0)") })
        let indirect = provided.compactMap(\.manifest).filter { direct.contains($0.module) }.flatMap {
            ($0.libraries ?? [:]).keys
        }
        return interfaces.filter { direct.contains($0.key) || indirect.contains($0.key) }
    }

    static func path(of module: String) -> String { "\(directory)/\(module).swiftmodule" }

    /// - Returns: Nothing when there is no module.
    static func interface(of module: String, in root: String) -> String? {
        (try? FileContents.read("\(root)/\(path(of: module))")).map(SHA256.hexadecimal)
    }
}
