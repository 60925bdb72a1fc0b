// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("the table of bundle kinds")
struct BundleKindTests {
    @Test("each kind has a directory of its own, and each protocol of the SDK belongs to one kind")
    func table() {
        let directories = BundleRole.allCases.map(\.kind.directory)
        #expect(Set(directories).count == directories.count)
        let protocols = SDKProtocol.all.map { ObjectIdentifier($0.existential) }
        #expect(Set(protocols).count == protocols.count)
        // Each is found by the address of its descriptor.
        #expect(SDKProtocol.byDescriptor.values.sorted() == Array(protocols.indices))
    }

    @Test("what hero generates lies in directories that it has a use for")
    func generated() {
        for role in BundleRole.allCases where role.kind.generated != nil {
            #expect(role.kind.isSupported, "\(role)")
        }
    }

    @Test("HB115: a bundle in a directory for later versions is refused without a look into it")
    func future() throws {
        let project = try TemporaryProject()
        try FileContents.createDirectory("\(project.root)/servers")
        try project.write("no bundle at all", to: "servers/x.so")
        let refused = #expect(throws: BundlesRefused.self) { try project.load() }
        #expect(refused?.problems.map(\.code) == [.directory])
        #expect(refused?.problems.map(\.file) == ["servers/x.so"])
        #expect(refused?.description.contains("nothing of them was run") == true)
    }

    @Test("HB115: so is a source, which nothing would build, but not what is a test by its name")
    func futureSource() throws {
        let project = try TemporaryProject()
        try FileContents.createDirectory("\(project.root)/servers/deep")
        try project.write("struct Mail {}", to: "servers/deep/mail.swift")
        try project.write("", to: "servers/MailTests.swift")
        let refused = #expect(throws: BundlesRefused.self) { try project.load() }
        #expect(refused?.problems.map(\.code) == [.directory])
        #expect(refused?.problems.map(\.file) == ["servers/deep/mail.swift"])
    }
}
