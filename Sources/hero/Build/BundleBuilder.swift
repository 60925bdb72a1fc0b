// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import Subprocess
import SystemPackage

/// Compiles one source file to one bundle beside it.
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
    let mode: Mode

    /// Builds the bundle of one source, beside it.
    ///
    /// - Parameter source: Relative to the project.
    /// - Returns: Whether it was compiled, was up to date already or has errors.
    /// - Throws: ``CommandFailure`` when tools cannot be run or files not written; a compile error is an outcome.
    func build(_ source: String) async throws -> Outcome {
        try await build([source], module: ModuleNames.module(of: source), to: source.dropLast(".swift".count) + ".so")
    }

    /// Builds a bundle of several sources.
    ///
    /// - Parameters:
    ///   - sources: Relative to the project.
    ///   - module: The module's name.
    ///   - output: Where the bundle goes, relative to the project.
    /// - Returns: Whether it was compiled, was up to date already or has errors.
    /// - Throws: ``CommandFailure`` when tools cannot be run or files not written; a compile error is an outcome.
    func build(_ sources: [String], module: String, to output: String) async throws -> Outcome {
        var trust = ProjectTrust(root: projectRoot)
        try trust.check(["lib", "tmp/build"] + sources + [output])
        var manifest = try manifest(sources, module: module, name: String(output.dropLast(".so".count)))
        if isUpToDate(output, manifest) { return .upToDate }
        let work = "\(projectRoot)/tmp/build/\(manifest.module)-\(getpid())"
        try FileContents.createDirectory("\(projectRoot)/tmp/build", mode: 0o700)
        defer { for suffix in [".o", ".so"] { unlink(work + suffix) } }
        let compiled = try await compile(sources, module: module, to: work + ".o")
        guard compiled.succeeded else { return .failed(diagnostics: compiled.output) }
        let linked = try await link(work + ".o", to: work + ".so")
        guard linked.succeeded else { return .failed(diagnostics: compiled.output + linked.output) }
        let contents = try FileContents.read(work + ".so")
        let dropped = try lost(sources, from: contents)
        guard dropped.isEmpty else { return .failed(diagnostics: compiled.output + dropped) }
        var diagnostics = compiled.output
        if Self.isAsked(output) || BundleFile.hasCommands(contents) {
            let description = await CommandDescription.of(work + ".so", layout: layout, projectRoot: projectRoot)
            manifest.commands = description.commands
            diagnostics += description.warning.map { Array("warning: \(output): \($0)\n".utf8) } ?? []
        }
        let stamped = try BundleStamp.stamped(contents, path: output, manifest)
        try FileContents.replace("\(projectRoot)/\(output)", with: stamped, mode: 0o755)
        return .built(diagnostics: diagnostics)
    }

    /// - Returns: What is to be said about types that a source declares for the host and its bundle does not have.
    private func lost(_ sources: [String], from bundle: [UInt8]) throws -> [UInt8] {
        // The host looks for tests in another way.
        guard sources.count == 1 else { return [] }
        let texts = try sources.map { source in
            (source, String(decoding: try FileContents.read("\(projectRoot)/\(source)"), as: UTF8.self))
        }
        return PrivateTypes.diagnostics(texts, without: try BundleFile.typeNames(in: bundle))
    }

    private func manifest(_ sources: [String], module: String, name: String) throws -> BundleManifest {
        let contents = try sources.map { SHA256.hexadecimal(try FileContents.read("\(projectRoot)/\($0)")) }
        let flags = mode.compilerFlags
        let ingredients =
            contents + [
                flags.joined(separator: " "), host.sdkInterface, host.swift, module, libraryFingerprint,
            ]
        return BundleManifest(
            kind: .swift, name: name, module: module, sdk: host.sdk, sdkInterface: host.sdkInterface, swift: host.swift,
            target: host.target,
            build: String(SHA256.hexadecimal(Array(ingredients.joined(separator: "\n").utf8)).prefix(32)), flags: flags,
            sources: try SourceFiles.fingerprint(of: sources, in: projectRoot))
    }

    /// A bundle that imports the application library has to be built again when the library's interface changes.
    private var libraryFingerprint: String {
        guard let modules = try? BundleCandidate.files(below: "lib", in: projectRoot, suffix: ".swiftmodule") else {
            return ""
        }
        return modules.map { path in
            (try? FileContents.read("\(projectRoot)/\(path)")).map(SHA256.hexadecimal) ?? ""
        }.joined(separator: " ")
    }

    private func isUpToDate(_ output: String, _ manifest: BundleManifest) -> Bool {
        guard let contents = try? FileContents.read("\(projectRoot)/\(output)"),
            let known = try? BundleFile.check(contents, path: output, host: host)
        else { return false }
        var manifest = manifest
        manifest.commands = known.file.manifest.commands
        let isDescribed = manifest.commands != nil || !Self.isAsked(output) && !known.file.hasCommands
        return known.file.manifest == manifest && isDescribed
    }

    /// A command may inherit being one, which its file does not show.
    private static func isAsked(_ output: String) -> Bool { output.hasPrefix("\(BundleRole.command.directory)/") }

    private func compile(_ sources: [String], module: String, to object: String) async throws -> ToolResult {
        // Several files without a primary one are compiled as a whole.
        var arguments = ["-frontend", "-c"] + (sources.count == 1 ? ["-primary-file"] : []) + sources
        arguments += [
            "-target", host.target, "-disable-objc-interop",
            "-I", layout.sdk, "-module-name", module, "-parse-as-library", "-swift-version", "6",
            "-empty-abi-descriptor", "-enable-default-cmo", "-sil-verify-none", "-disable-llvm-verify",
            "-in-process-plugin-server-path", "\(toolchain.root)/lib/swift/host/libSwiftInProcPluginServer.so",
            "-plugin-path", "\(toolchain.root)/lib/swift/host/plugins", "-o", object,
        ]
        if FileContents.isDirectory("\(projectRoot)/lib") { arguments += ["-I", "lib"] }
        arguments += mode.compilerFlags
        if isatty(STDERR_FILENO) == 1 { arguments.append("-color-diagnostics") }
        return try await run(toolchain.frontend, arguments)
    }

    private func link(_ object: String, to output: String) async throws -> ToolResult {
        let libraries = try ObjectFile.autolinkFlags(FileContents.read(object))
        var inputs = ["-L", toolchain.libraries]
        if FileContents.isDirectory("\(projectRoot)/lib") { inputs += ["-L", "lib"] }
        // Libraries that are not part of an installation, such as the testing library, are the toolchain's.
        if libraries.contains("-lTesting") { inputs += ["-rpath", toolchain.libraries] }
        inputs += ["\(toolchain.libraries)/\(host.machine)/swiftrt.o", object, "-lswiftCore"] + libraries
        let line = toolchain.linkLine
        // One object is linked sooner than threads for it are started.
        return try await run(line.linker, ["--threads=1"] + line.arguments(linking: inputs, to: output))
    }

    /// The compiler's memory comes in huge pages where the kernel has them, and never goes back to the kernel: it would
    /// spend a tenth of its time in page faults.
    private static let environment: Environment =
        Project.environment["GLIBC_TUNABLES"] != nil
        ? .inherit
        : .inherit.updating([
            "GLIBC_TUNABLES":
                "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=67108864:glibc.malloc.mmap_threshold=67108864"
        ])

    private struct ToolResult {
        let succeeded: Bool
        let output: [UInt8]
    }

    private func run(_ tool: String, _ arguments: [String]) async throws -> ToolResult {
        do {
            let result = try await Subprocess.run(
                .path(FilePath(tool)), arguments: Arguments(arguments), environment: Self.environment,
                workingDirectory: FilePath(projectRoot),
                output: .bytes(limit: 16 << 20), error: .combinedWithOutput)
            return ToolResult(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
        } catch {
            throw CommandFailure("cannot run \(tool): \(error)")
        }
    }
}
