// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// The application that the recordings were made with.
///
/// Built once for each content of its sources and each host, outside of the repository, and copied for each server.
enum FixtureProject {
    private static let sources = "\(Stage.repository)/Tests/ConformanceTests/Fixture"
    /// Actions that the reference ships and so do we.
    private static let shipped = [
        "cacheTest", "status", "randomNumber", "sleepTest", "validationTest", "recursiveAction",
    ]
    /// Files of the reference whose sizes show up in recorded headers.
    private static let standIns = [
        "public/index.html": 3822, "public/simple.html": 101, "public/logo/actionhero.png": 59_273,
        "public/favicon.ico": 5430,
    ]
    /// 2024-01-02T03:04:05Z, in seconds since 1970.
    private static let modified = Date(timeIntervalSince1970: 1_704_164_645)

    private struct CopyFailure: Error, CustomStringConvertible {
        let description: String
    }

    private static let built = Task { try await build() }

    /// Actions that have routes and that the recordings also ask for by their names: the reference gives these such a path,
    /// we do not (docs/differences.md).
    private static let routed = [
        "echo", "echoRaw", "versioned", "namedVersion", "respondAs", "status", "createChatRoom",
    ]

    /// A built copy of its own that gives these actions the path that the reference's `automaticRoutes` gives them.
    static func make(automaticMethods: [String]) async throws -> TestProject {
        let project = try await make()
        var routes = try project.read("config/routes.yml")
        for method in automaticMethods where method != "head" || !automaticMethods.contains("get") {
            let missing = routed.filter { method != "get" || !["status", "createChatRoom"].contains($0) }
            let lines = missing.map { "    - { path: /\($0), action: \($0) }\n" }.joined()
            routes = routes.replacingOccurrences(of: "  \(method):\n", with: "  \(method):\n\(lines)")
        }
        try project.write(routes, to: "config/routes.yml")
        return project
    }

    /// A built copy of its own.
    static func make() async throws -> TestProject {
        let project = try TestProject()
        let copied = try await Program.run("cp", ["-a", "\(built.value)/.", project.root], directory: project.root)
        guard copied.code == 0 else { throw CopyFailure(description: copied.error) }
        return project
    }

    private static func build() async throws -> String {
        let target = "\(NSTemporaryDirectory())/hero-conformance-\(try key())"
        if FileManager.default.fileExists(atPath: target) { return target }
        let project = try TestProject()
        for file in try files() { try project.copy("\(sources)/\(file)", to: file) }
        for name in shipped {
            try project.copy("\(Stage.repository)/actions/\(name).swift", to: "actions/\(name).swift")
        }
        for (path, size) in standIns { try project.write(Data(count: size), to: path) }
        for file in FileManager.default.enumerator(atPath: project.path("public"))?.compactMap({ $0 as? String }) ?? []
        {
            try FileManager.default.setAttributes(
                [.modificationDate: modified], ofItemAtPath: project.path("public/\(file)"))
        }
        try await project.build()
        do {
            try FileManager.default.moveItem(atPath: project.root, toPath: target)
        } catch  where FileManager.default.fileExists(atPath: target) {
            // Another run was faster.
        }
        return target
    }

    private static func files() throws -> [String] {
        let all = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
        return all.filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(sources)/\(path)", isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }

    private static func key() throws -> String {
        var hash = FNV()
        let shippedFiles = shipped.map { "\(Stage.repository)/actions/\($0).swift" }
        for path in try files().map({ "\(sources)/\($0)" }) + shippedFiles {
            hash.add(Data(path.utf8))
            hash.add(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        // The host is too large to be read each time.
        let host = try FileManager.default.attributesOfItem(atPath: Stage.hero)
        hash.add(Data("\(Stage.hero) \(host[.size] ?? 0) \(host[.modificationDate] ?? 0)".utf8))
        return String(hash.value, radix: 16)
    }

    /// Fowler–Noll–Vo, 64 bits: the same in each run, unlike `Hasher`.
    private struct FNV {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func add(_ data: Data) {
            for byte in data { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
    }
}
