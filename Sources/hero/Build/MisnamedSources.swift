// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroSystem

/// Files that are taken for tests because of their names, and have none: no bundle is made of them.
enum MisnamedSources {
    static func report(in root: String) {
        for file in (try? SourceFiles.tests(in: root)) ?? [] {
            guard let contents = try? FileContents.read("\(root)/\(file)"),
                !String(decoding: contents, as: UTF8.self).contains("import Testing")
            else { continue }
            Terminal.error(
                "note: \(PlainText.line(file)) is taken for tests because its name ends in Tests.swift, so no bundle is made "
                    + "of it, but it does not import Testing; rename it if it is a source")
        }
    }
}
