// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

/// A project in a directory of its own, which goes away with the object.
final class TemporaryProject: Sendable {
    let root: String

    init() throws {
        root = "\(NSTemporaryDirectory())/hero-\(UUID().uuidString)"
        try FileContents.createDirectory("\(root)/actions")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, to path: String) throws {
        try FileContents.replace("\(root)/\(path)", with: text.utf8, mode: 0o644)
    }

    /// Compiles a C bundle without a note.
    func compile(_ source: String, to path: String) throws {
        try write(source, to: "bundle.c")
        try CCompiler.run([
            "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "\(root)/bundle.c", "-o",
            "\(root)/\(path)",
        ])
    }

    /// Compiles a C bundle and gives it its note.
    func build(_ source: String, to path: String) throws {
        try compile(source, to: path)
        let host = HostInterface.test
        let manifest = BundleStamp.manifest(kind: .c, name: "test", version: "1.0.0", module: "test", host: host)
        try BundleStamp.stamp("\(root)/\(path)", manifest)
    }

    /// Freezes what lies in a project, foreign actions included.
    @discardableResult
    static func freeze(_ root: String) throws -> HeldGeneration {
        try GenerationStore(projectRoot: root).freeze(
            ProjectBundles.collect(in: root), configuration: "", host: .test
        ).generation
    }

    /// Everything that happens between the files of the project and the types in this process.
    func load() throws -> [LoadedBundle] {
        var loader = BundleLoader(try Self.freeze(root))
        return try loader.load()
    }

    /// The C actions of the project by name.
    func actions() throws -> [String: CAction] {
        let found = CActions()
        for type in try load().flatMap(\.types) { try type.register(in: found, file: "") }
        return found.byName
    }
}

/// Takes C actions and nothing else.
private final class CActions: BundleRegistry {
    private(set) var byName: [String: CAction] = [:]

    func add(_ action: CAction, file: String) { byName[action.name] = action }
    func add(_ type: any Action.Type, file: String) {}
    func add(_ type: any ActionMiddleware.Type, file: String) {}
    func add(_ type: any ConnectionMiddleware.Type, file: String) {}
    func add(_ type: any Initializer.Type, file: String) {}
    func add(_ type: any BackgroundTask.Type, file: String) {}
    func add(_ type: any TaskMiddleware.Type, file: String) {}
    func add(_ type: any Command.Type, file: String) {}
}

extension HostInterface {
    /// A host that offers nothing: C bundles need nothing.
    static let test = HostInterface(
        sdk: SDK.version, sdkInterface: "interface", swift: "6", machine: machineOfTests, target: "test",
        glibc: .running,
        exports: [])

    #if arch(x86_64)
        private static let machineOfTests = Machine.amd64
    #else
        private static let machineOfTests = Machine.aarch64
    #endif
}

/// The C compiler of the Swift toolchain, or another one.
enum CCompiler {
    struct Failure: Error {
        let status: Int32
        let arguments: [String]
    }

    /// Directory of `hero_bundle.h`.
    static let include = repository + "/Sources/CHero/include"
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]

    /// Compiles with what a project needs; the compiler is looked for in PATH.
    static func run(_ arguments: [String], compiler: String = "clang") throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [compiler, "-fuse-ld=lld", "-Wno-unused-command-line-argument", "-I", include] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(status: process.terminationStatus, arguments: arguments)
        }
    }
}
