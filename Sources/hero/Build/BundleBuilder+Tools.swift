// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroBundles
import HeroSystem
import Subprocess
import SystemPackage

// The compiler and the linker.
extension BundleBuilder {
    struct ToolResult {
        let succeeded: Bool
        let output: [UInt8]
    }

    /// Makes an object file, and the module of a library.
    func compile(_ product: Product, to work: String) async throws -> ToolResult {
        // Several files without a primary one are compiled as a whole, and so is a library.
        let isOne = product.sources.count == 1 && !product.isLibrary
        var arguments = ["-frontend", "-c"] + (isOne ? ["-primary-file"] : []) + product.sources
        arguments += [
            "-target", host.target, "-disable-objc-interop",
            "-I", layout.sdk, "-module-name", product.module, "-parse-as-library", "-swift-version", "6",
            "-empty-abi-descriptor", "-sil-verify-none", "-disable-llvm-verify",
            "-in-process-plugin-server-path", "\(toolchain.root)/lib/swift/host/libSwiftInProcPluginServer.so",
            "-plugin-path", "\(toolchain.root)/lib/swift/host/plugins", "-o", work + ".o",
        ]
        if product.isLibrary {
            // Bodies of functions stay out of its module, so that what imports it does not depend on them.
            // A package of its own: sources that come from one may say `package`.
            arguments += [
                "-module-link-name", product.module, "-emit-module-path", work + ".swiftmodule", "-package-name",
                product.module,
            ]
        } else {
            arguments.append("-enable-default-cmo")
        }
        arguments += searchPaths(product) + modules.flags.compiler.flatMap { ["-Xcc", $0] }
        arguments += mode.compilerFlags
        if isatty(STDERR_FILENO) == 1 { arguments.append("-color-diagnostics") }
        return try await run(toolchain.frontend, arguments)
    }

    /// Clang looks for the module CName in `lib/CName/module.modulemap`.
    private func searchPaths(_ product: Product) -> [String] {
        guard FileContents.isDirectory("\(projectRoot)/\(ProjectLibraries.directory)") else { return [] }
        let cache = directory.headers.map { ["-module-cache-path", $0] } ?? []
        return ["-I", SharedModules.directory, "-I", ProjectLibraries.directory] + cache
    }

    /// Makes a shared object; `imports` is what the object file asks the linker for.
    func link(_ product: Product, _ imports: [String], _ work: String) async throws -> ToolResult {
        var inputs = ["-L", toolchain.libraries]
        if FileContents.isDirectory("\(projectRoot)/\(ProjectLibraries.directory)") {
            inputs += ["-L", ProjectLibraries.directory]
        }
        // Libraries that are not part of an installation, such as the testing library, are the toolchain's.
        if product.staysHere { inputs += ["-rpath", toolchain.libraries] }
        if product.isLibrary { inputs += ["-soname", "\(product.module).so"] }
        inputs += ["\(toolchain.libraries)/\(host.machine)/swiftrt.o", work + ".o", "-lswiftCore"]
        inputs += imports.map { flag in
            modules.interfaces[String(flag.dropFirst(2))] == nil
                ? flag : "\(ProjectLibraries.directory)/\(flag.dropFirst(2)).so"
        }
        // Only what uses one needs it: nobody knows who imports the map that a package belongs to.
        if !modules.flags.linker.isEmpty { inputs += ["--as-needed"] + modules.flags.linker + ["--no-as-needed"] }
        let line = toolchain.linkLine
        // One object is linked sooner than threads for it are started.
        return try await run(line.linker, ["--threads=1"] + line.arguments(linking: inputs, to: work + ".so"))
    }

    /// The modules that sources import, without compiling them.
    func imports(of sources: [String]) async throws -> Set<String> {
        // Errors in the sources are reported when they are compiled. Of a named pipe the compiler would wait for a writer.
        let sources = sources.filter { FileContents.isFile("\(projectRoot)/\($0)") }
        guard !sources.isEmpty else { return [] }
        let result = try await run(
            toolchain.frontend, ["-frontend", "-emit-imported-modules"] + sources + ["-swift-version", "6", "-o", "-"])
        return Set(String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init))
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
