// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("folders of the sources")
struct FolderTests {
    @Test("name types of no folder that comes after them in docs/architecture.md")
    func pointOneWay() throws {
        let orders = try ArchitecturePage().folders()
        #expect(orders.count > 3)
        for (target, order) in orders.sorted(by: { $0.key < $1.key }) {
            let tree = try FolderTree(target)
            #expect(Set(order) == tree.folders, "the table does not have the folders of \(target)")
            #expect(order.count == Set(order).count, "\(target) has a folder twice")
            for arrow in tree.pointingBack(in: order) {
                Issue.record("\(target): \(arrow.file) uses \(arrow.type), and \(arrow.to) comes after \(arrow.from)")
            }
        }
    }

    private static func file(_ path: String, _ text: String) -> (path: String, folder: String, code: [Substring]) {
        (path, String(path.prefix { $0 != "/" }), FolderTree.code(of: text))
    }

    @Test("an arrow that leads back is noticed; comments, texts and what is private are no arrows")
    func noticesArrows() {
        let low = Self.file(
            "Low/Base.swift",
            "package struct Base {\n    var text = \"High\"\n}\n/// What ``High`` uses.\nprivate struct Hidden {}")
        let high = Self.file("High/High.swift", "final class High {\n    let base: Base\n}\nprivate struct Hidden {}")
        let right = FolderTree([low, high])
        #expect(right.folders == ["Low", "High"])
        #expect(right.arrows.map(\.type) == ["Base"])
        #expect(right.pointingBack(in: ["Low", "High"]).isEmpty)
        #expect(right.pointingBack(in: ["High", "Low"]).map(\.file) == ["High/High.swift"])
        let wrong = FolderTree([low, high, Self.file("Low/Other.swift", "extension High {}")])
        let back = wrong.pointingBack(in: ["Low", "High"])
        #expect(back.map(\.file) == ["Low/Other.swift"] && back.map(\.type) == ["High"])
    }
}
