// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("rooms of the sources")
struct ArrowTests {
    /// What each target may import, apart from the system's modules.
    ///
    /// Targets that are not named have no rule yet.
    private static let rooms: [String: Set<String>] = [
        "HeroSystem": ["ActionHero", "CHero", "COpenSSL"],
        "HeroLog": ["ActionHero", "CHero", "HeroSystem"],
        "HeroConfiguration": ["ActionHero", "CYAML", "HeroLog", "HeroSystem"],
        "HeroBundles": ["ActionHero", "CFFI", "CHero", "HeroSystem"],
        "HeroTLS": ["CHero", "COpenSSL", "NIOCore"],
        "HeroCluster": ["ActionHero", "CHero", "HeroBundles", "HeroLog", "HeroSystem"],
    ]
    private static let system: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

    @Test(
        "import only what lies below them: the master neither YAML nor Redis nor SwiftNIO",
        arguments: rooms.keys.sorted())
    func imports(room: String) throws {
        let root = "\(Stage.repository)/Sources/\(room)"
        let allowed = try #require(Self.rooms[room]).union(Self.system)
        let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }
        var wrong: [String] = []
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").drop { ["internal", "package", "public"].contains($0) }
                guard words.first == "import", let module = words.last.map(String.init) else { continue }
                if !allowed.contains(module) { wrong.append("\(file): \(module)") }
            }
        }
        #expect(!files.isEmpty)
        #expect(wrong.isEmpty)
    }
}
