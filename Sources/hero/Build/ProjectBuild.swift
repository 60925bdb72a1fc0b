// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles

/// Builds the bundles of a project, several at a time.
struct ProjectBuild {
    let builder: BundleBuilder
    let progress: BuildProgress

    /// Directories whose files become bundles.
    ///
    /// The application library is not one of them.
    static let roles = BundleRole.allCases.filter { $0 != .library }

    /// Sources to build.
    ///
    /// - Parameters:
    ///   - paths: Files or directories, relative to the working directory; all when empty.
    ///   - projectRoot: The project.
    /// - Returns: Paths relative to the project, sorted within each directory.
    /// - Throws: ``CommandFailure`` for a path that holds no source of a bundle.
    static func sources(_ paths: [String], in projectRoot: String) throws -> [String] {
        let all = try SourceFiles.collect(in: projectRoot)
        guard !paths.isEmpty else { return all }
        var chosen: [String] = []
        for path in paths {
            let wanted = relative(path, to: projectRoot)
            let found = all.filter { $0 == wanted || $0.hasPrefix(wanted.hasSuffix("/") ? wanted : wanted + "/") }
            guard !found.isEmpty else {
                let folders = roles.map { "\($0.directory)/" }.joined(separator: ", ")
                throw CommandFailure("\(path) is no source of a bundle: those are .swift files in \(folders)")
            }
            chosen += found.filter { !chosen.contains($0) }
        }
        return chosen
    }

    private static func relative(_ path: String, to root: String) -> String {
        let full = path.hasPrefix("/") ? path : "\(Project.workingDirectory)/\(path)"
        guard let real = realpath(full, nil), let realRoot = realpath(root, nil) else { return path }
        defer {
            free(real)
            free(realRoot)
        }
        let (text, prefix) = (String(cString: real), String(cString: realRoot) + "/")
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : path
    }

    /// - Returns: Whether everything compiled.
    func run(_ sources: [String]) async throws -> Bool {
        try checkModules(sources)
        progress.begin(sources.count)
        let width = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let succeeded = try await withThrowingTaskGroup(of: (String, BundleBuilder.Outcome).self) { group in
            var waiting = sources[...]
            func startNext() {
                guard let source = waiting.popFirst() else { return }
                group.addTask { [builder] in (source, try await builder.build(source)) }
            }
            for _ in 0..<width { startNext() }
            var succeeded = true
            for try await (source, outcome) in group {
                progress.report(source, outcome)
                if case .failed = outcome { succeeded = false }
                startNext()
            }
            return succeeded
        }
        progress.end()
        return succeeded
    }

    /// `actions/a-b.swift` and `actions/a_b.swift` would be one module.
    private func checkModules(_ sources: [String]) throws {
        var known: [String: String] = [:]
        for source in sources {
            let module = ModuleNames.module(of: source)
            if let first = known.updateValue(source, forKey: module) {
                let (first, source) = (PlainText.line(first), PlainText.line(source))
                throw CommandFailure("\(first) and \(source) would both become the module \(module) – rename one")
            }
        }
    }

    /// Bundles whose source has gone are still loaded; say so, because that is rarely meant on a developer's machine.
    static func orphans(in projectRoot: String) throws -> [String] {
        try BundleCandidate.collect(in: projectRoot, roles: roles).map(\.path).filter { path in
            !FileContents.exists("\(projectRoot)/\(path.dropLast(3)).swift") && wasBuiltHere(path, projectRoot)
        }
    }

    private static func wasBuiltHere(_ path: String, _ root: String) -> Bool {
        guard let contents = try? FileContents.read("\(root)/\(path)"),
            let host = try? HostInterface.current(),
            let known = try? BundleFile.check(contents, path: path, host: host)
        else { return false }
        return known.file.manifest.name == path.dropLast(3)
    }
}

/// Shows how a build goes: one line that changes on a terminal, a line per file elsewhere.
final class BuildProgress {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var total = 0
    private var done = 0
    private var built = 0
    private var failed = 0

    func begin(_ count: Int) {
        total = count
        show(nil)
    }

    func report(_ source: String, _ outcome: BundleBuilder.Outcome) {
        done += 1
        switch outcome {
        case .upToDate: show(nil)
        case .built(let diagnostics):
            built += 1
            clear()
            if !isTerminal { Terminal.print("built \(PlainText.line(source))") }
            write(diagnostics)
            show(source)
        case .failed(let diagnostics):
            failed += 1
            clear()
            if !isTerminal { Terminal.print("failed \(PlainText.line(source))") }
            write(diagnostics)
            show(source)
        }
    }

    func end() {
        clear()
        let failures = failed > 0 ? ", \(failed) failed" : ""
        Terminal.print("\(total) bundles: \(built) built, \(total - built - failed) up to date\(failures)")
    }

    private func show(_ source: String?) {
        guard isTerminal, total > 0 else { return }
        Terminal.show("\r\u{1B}[K[\(done)/\(total)] \(PlainText.line(source ?? ""))")
    }

    private func clear() {
        if isTerminal { Terminal.show("\r\u{1B}[K") }
    }

    /// The compiler's words go out as they came in.
    private func write(_ diagnostics: [UInt8]) {
        Terminal.error(diagnostics)
    }
}
