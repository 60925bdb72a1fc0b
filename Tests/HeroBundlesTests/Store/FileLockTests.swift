// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("a lock that somebody keeps")
struct FileLockTests {
    @Test("whoever waits for it gives up, and says which lock it is")
    func givesUp() throws {
        let project = try TemporaryProject()
        let path = "\(project.root)/lock"
        let held = try FileLock(path: path, mode: .exclusive)
        let error = #expect(throws: FileError.self) { try FileLock(path: path, mode: .shared, patience: 50) }
        #expect(error?.description.hasPrefix("cannot lock \(path): another process has not let go of it for ") == true)
        #expect(try FileLock.ifFree(path, mode: .exclusive) == nil)
        held.release()
        #expect(try FileLock.ifFree(path, mode: .exclusive) != nil)
    }

    @Test("removing old generations does not wait for it")
    func prune() throws {
        let project = try TemporaryProject()
        try FileContents.createDirectory("\(project.root)/tmp/generations")
        let held = try FileLock(path: "\(project.root)/tmp/generations/lock", mode: .exclusive)
        defer { held.release() }
        try GenerationStore(projectRoot: project.root).prune(keeping: 2)
    }
}
