// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroConfiguration
import HeroLog
import HeroRuntime

/// The project that a command works on.
enum Project {
    static let environment: [String: String] = {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(text[..<equals])
                // Swift takes the sign for kelvin for a K, and nothing that is read here is spelled with it.
                if name.utf8.allSatisfy({ $0 < 0x80 }) || variables[name] == nil {
                    variables[name] = String(text.utf8[text.utf8.index(after: equals)...])
                }
            }
            next += 1
        }
        return variables
    }()

    /// `PROJECT_ROOT`, in any of the reference's spellings, or the working directory.
    ///
    /// A link is not resolved: it may point at another release next time.
    static let root: String = namedRoot.map(absolute) ?? workingDirectory

    /// Whether the environment says where it is.
    static var isRootNamed: Bool { namedRoot != nil }

    private static var namedRoot: String? {
        ["project_root", "projectRoot", "PROJECT_ROOT"].compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)"
        return full.count > 1 && full.hasSuffix("/") ? String(full.dropLast()) : full
    }

    /// Files that a command loads or changes, in the project or elsewhere.
    ///
    /// - Parameter files: Relative to the working directory, or absolute.
    /// - Throws: `UntrustedProject`.
    static func checkOwners(of files: [String]) throws(UntrustedProject) {
        for file in files {
            let path = file.hasPrefix("/") ? file : "\(workingDirectory)/\(file)"
            let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
            var trust = ProjectTrust(root: isInside(directory) ? root : directory)
            try trust.check([path])
        }
    }

    /// Whether a directory is the project or lies in it, however either is spelled.
    private static func isInside(_ directory: String) -> Bool {
        guard let place = realpath(directory, nil), let project = realpath(root, nil) else { return false }
        defer {
            free(place)
            free(project)
        }
        let (inner, outer) = (String(cString: place), String(cString: project))
        return inner.isSame(as: outer) || inner.utf8.starts(with: "\(outer)/".utf8)
    }

    /// Freezes and loads the project's bundles into this process.
    ///
    /// - Parameters:
    ///   - application: The first stage of the process.
    ///   - isServing: Whether `general.requireBuilt` counts, and directories that are misspelt are told.
    ///   - companions: Certificates and keys that are kept with the generation, together with the configuration; `nil` to keep
    ///     neither.
    ///   - copies: Of the configuration, kept in the same case.
    ///   - isWanted: Which files to load.
    /// - Returns: The loaded bundles, and the hold that keeps their files in the store.
    /// - Throws: `BundlesRefused` and errors of the store; `ConfigurationRefused` where sources have to be built.
    static func loadBundles(
        _ application: HeroApplication, isServing: Bool = false, companions: CompanionFiles? = nil,
        copies: [[ConfigurationCopy]] = [],
        where isWanted: (Generation.File) -> Bool = { _ in true }
    ) throws -> (bundles: [LoadedBundle], held: HeldGeneration) {
        let store = GenerationStore(
            projectRoot: root, maximumSize: application.core.general.bundles.maximumSize)
        let (held, warnings) = try store.freeze(
            ProjectBundles.collect(in: root),
            configuration: companions?.fingerprint(with: application.configuration.fingerprint)
                ?? application.configuration.fingerprint,
            host: HostInterface.current(), configurationFiles: copies, companions: companions?.copies ?? [])
        let unbuilt = application.unbuilt(held.generation.files)
        if isServing { try application.requireBuilt(unbuilt) }
        let all = warnings + unbuilt + (isServing ? MisspeltDirectories.warnings(in: root) : [])
        for warning in all { application.log.write(level: .warning, message: warning, data: []) }
        // What comes next may end the process with an error, which the warnings often explain.
        if !all.isEmpty { application.log.flush() }
        var loader = BundleLoader(held)
        let bundles = try loader.load(where: isWanted)
        MainThread.bundlesAreLoaded()
        return (bundles, held)
    }
}
