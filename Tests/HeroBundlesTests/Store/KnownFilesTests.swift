// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("files that nobody has touched are not checked again")
struct KnownFilesTests {
    private let project: TemporaryProject
    private let store: GenerationStore
    private let files: [Generation.File]

    init() throws {
        project = try TemporaryProject()
        store = GenerationStore(projectRoot: project.root)
        try project.stamp(SampleBundles.action("a"), to: "actions/a.so")
        files = try store.freeze(ProjectBundles.collect(in: project.root), configuration: "", host: .test)
            .generation.generation.files
    }

    /// As a process sees them that starts so many seconds after now.
    private func known(_ identity: String? = "this hero", age: Int = 60) throws -> KnownFiles {
        let test = HostInterface.test
        let host = HostInterface(
            sdk: test.sdk, sdkInterface: test.sdkInterface, swift: test.swift, machine: test.machine,
            target: test.target, glibc: test.glibc, exports: [], identity: identity)
        return KnownFiles(
            try ProjectBundles.collect(in: project.root), host: host, store: store, projectRoot: project.root,
            now: FileIdentity.now + age * 1_000_000_000)
    }

    private var source: String { "\(project.root)/actions/a.so" }

    @Test("what was good is remembered as it was")
    func remembered() throws {
        #expect(try known().remembered() == nil)
        try known().remember(files)
        #expect(try known().remembered()?.files == files)
    }

    @Test("files that changed a moment ago are not remembered: the next change could carry the same time")
    func settled() throws {
        try known(age: 0).remember(files)
        #expect(try known().remembered() == nil)
    }

    @Test("another executable checks for itself, and one that does not know itself always does")
    func host() throws {
        try known().remember(files)
        #expect(try known("another hero").remembered() == nil)
        #expect(try known(nil).remembered() == nil)
    }

    @Test("equal bytes in a new file, a new bundle and a missing one are looked at")
    func replaced() throws {
        try known().remember(files)
        try FileContents.replace(source, with: project.bytes("actions/a.so"), mode: 0o755)
        #expect(try known().remembered() == nil)
        try known().remember(files)
        try project.stamp(SampleBundles.action("b"), to: "actions/b.so")
        #expect(try known().remembered() == nil)
        unlink("\(project.root)/actions/b.so")
        #expect(try known().remembered() != nil)
        unlink(source)
        #expect(try known().remembered() == nil)
    }

    @Test("a change in place is seen even when the size is the same and the time was set back")
    func inPlace() throws {
        try known().remember(files)
        let before = try #require(FileIdentity(path: source))
        var after = before
        // Until the clock of the file system has moved on.
        while after.changed == before.changed {
            let handle = try #require(FileHandle(forWritingAtPath: source))
            try handle.write(contentsOf: Data([0]))
            let (seconds, rest) = before.modified.quotientAndRemainder(dividingBy: 1_000_000_000)
            let time = timespec(tv_sec: seconds, tv_nsec: rest)
            futimens(handle.fileDescriptor, [time, time])
            try handle.close()
            after = try #require(FileIdentity(path: source))
        }
        #expect(after.modified == before.modified && after.size == before.size && after.inode == before.inode)
        #expect(try known().remembered() == nil)
    }

    @Test("a copy in the store that was changed or removed is made again")
    func copies() throws {
        try known().remember(files)
        let copy = store.storePath(try #require(files.first))
        try FileContents.replace(copy, with: [1, 2, 3], mode: 0o444)
        #expect(try known().remembered() == nil)
        unlink(copy)
        #expect(try known().remembered() == nil)
    }

    @Test("what is going to be loaded is read: times that were set back and a list that was written anew hide nothing")
    func hidden() throws {
        let copy = store.storePath(try #require(files.first))
        chmod(copy, 0o644)
        let handle = try #require(FileHandle(forWritingAtPath: copy))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        // As it would be if nobody had touched the file since it was checked.
        try known().remember(files)
        #expect(try known().remembered() == nil)
        let held = try store.freeze(ProjectBundles.collect(in: project.root), configuration: "", host: .test)
        #expect(try FileContents.read(copy) == project.bytes("actions/a.so"))
        #expect(held.generation.generation.files == files)
    }

    @Test("what cannot be read is not believed", arguments: ["", "[]", "[]\n", "{\nthis hero", "[]\nthis hero\n"])
    func garbage(text: String) throws {
        try project.write(text, to: "tmp/generations/known")
        #expect(try known().remembered() == nil)
    }
}
