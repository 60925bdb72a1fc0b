// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

@testable import HeroServers

@Suite("conditions of a request")
struct PreconditionTests {
    private static let tag = "W/\"10-18cc820d888\""
    private static let date = "Tue, 02 Jan 2024 03:04:05 GMT"
    private static let before = "Tue, 02 Jan 2024 03:04:04 GMT"
    private static let after = "Tue, 02 Jan 2024 03:04:06 GMT"
    /// Half a second later than the date says.
    private static let validators = FileValidators(etag: tag, modified: 1_704_164_645_500)

    private func outcome(now: Int = 1_800_000_000, _ change: (inout FileRequest) -> Void) -> Precondition {
        var request = FileRequest()
        change(&request)
        return Precondition(request, Self.validators, now: now)
    }

    @Test("there are none: the file is sent, or its range")
    func none() {
        #expect(outcome { _ in } == .passed(rangeCounts: false))
        #expect(outcome { $0.range = "bytes=0-1" } == .passed(rangeCounts: true))
    }

    @Test(
        "a tag that the client has saves it the file",
        arguments: [
            tag, "*", "\"x\", \(tag)", "\(tag),\"x\"", "\"a,b\" , \(tag)", " \t,\(tag)",
            // A proxy that unpacks has made it a strong one; tags are compared weakly (RFC 9110, 13.1.2).
            "\"10-18cc820d888\"",
        ])
    func known(tags: String) {
        #expect(outcome { $0.ifNoneMatch = tags } == .notModified)
        #expect(outcome { ($0.isGet, $0.isHead, $0.ifNoneMatch) = (false, true, tags) } == .notModified)
        #expect(outcome { ($0.ifNoneMatch, $0.ifModifiedSince) = (tags, Self.before) } == .notModified)
        #expect(outcome { ($0.ifNoneMatch, $0.range) = (tags, "bytes=0-1") } == .notModified)
        #expect(outcome { ($0.ifNoneMatch, $0.cacheControl) = (tags, "No-Cache") } == .passed(rangeCounts: false))
        #expect(outcome { ($0.isGet, $0.ifNoneMatch) = (false, tags) } == .passed(rangeCounts: false))
    }

    @Test(
        "another tag does not, whatever the date says",
        arguments: ["\"x\"", "w/\"10-18cc820d888\"", "W/\"10\"", "10-18cc820d888", "", "W/", "\"\(tag)", "x, \(tag)"])
    func unknown(tags: String) {
        #expect(outcome { $0.ifNoneMatch = tags } == .passed(rangeCounts: false))
        #expect(outcome { ($0.ifNoneMatch, $0.ifModifiedSince) = (tags, Self.after) } == .passed(rangeCounts: false))
    }

    @Test("a date saves it the file unless it is too old or none")
    func dates() {
        #expect(outcome { $0.ifModifiedSince = Self.date } == .notModified)
        #expect(outcome { $0.ifModifiedSince = Self.after } == .notModified)
        #expect(outcome { $0.ifModifiedSince = "Thu, 01 Jan 2037 00:00:00 GMT" } == .notModified)
        #expect(outcome { $0.ifModifiedSince = Self.before } == .passed(rangeCounts: false))
        #expect(outcome { $0.ifModifiedSince = "invalid" } == .passed(rangeCounts: false))
    }

    @Test("a client that insists on what it knows is refused when that is gone")
    func insisting() {
        #expect(outcome { $0.ifMatch = "*" } == .passed(rangeCounts: false))
        #expect(outcome { $0.ifMatch = Self.tag } == .failed)
        #expect(outcome { $0.ifMatch = "\"x\"" } == .failed)
        #expect(outcome { $0.ifUnmodifiedSince = Self.date } == .passed(rangeCounts: false))
        #expect(outcome { $0.ifUnmodifiedSince = Self.before } == .failed)
        #expect(outcome { $0.ifUnmodifiedSince = "invalid" } == .passed(rangeCounts: false))
        #expect(outcome { ($0.ifMatch, $0.ifUnmodifiedSince) = ("*", Self.before) } == .passed(rangeCounts: false))
        #expect(outcome { ($0.ifMatch, $0.ifNoneMatch) = ("\"x\"", "*") } == .failed)
        #expect(outcome { ($0.ifMatch, $0.ifNoneMatch) = ("*", "*") } == .notModified)
    }

    @Test("a range counts only for the file that the client has the rest of")
    func ranges() {
        func counts(_ condition: String, now: Int = 1_800_000_000) -> Bool {
            outcome(now: now) { ($0.range, $0.ifRange) = ("bytes=0-1", condition) } == .passed(rangeCounts: true)
        }
        #expect(counts(Self.date))
        #expect(!counts(Self.before))
        #expect(!counts(Self.after))
        #expect(!counts(Self.tag))
        #expect(!counts("\"10-18cc820d888\""))
        #expect(!counts("invalid"))
        // The file may change again within the second.
        #expect(!counts(Self.date, now: 1_704_164_645))
        #expect(outcome { ($0.isGet, $0.isHead, $0.range) = (false, true, "bytes=0-1") } == .passed(rangeCounts: false))
    }

    @Test("without a date of its own a file is known by its tag only")
    func undated() {
        let validators = FileValidators(etag: Self.tag, modified: nil)
        func outcome(_ change: (inout FileRequest) -> Void) -> Precondition {
            var request = FileRequest()
            change(&request)
            return Precondition(request, validators, now: 1_800_000_000)
        }
        #expect(outcome { $0.ifModifiedSince = "Thu, 01 Jan 1970 00:00:00 GMT" } == .passed(rangeCounts: false))
        #expect(outcome { $0.ifUnmodifiedSince = "Thu, 01 Jan 1970 00:00:00 GMT" } == .passed(rangeCounts: false))
        #expect(
            outcome { ($0.range, $0.ifRange) = ("bytes=0-1", "Thu, 01 Jan 1970 00:00:00 GMT") }
                == .passed(rangeCounts: false))
        #expect(outcome { $0.ifNoneMatch = Self.tag } == .notModified)
    }

    @Test("without tags only dates and stars count")
    func untagged() {
        let validators = FileValidators(etag: nil, modified: 1_704_164_645_500)
        var request = FileRequest()
        request.ifNoneMatch = Self.tag
        #expect(Precondition(request, validators, now: 0) == .passed(rangeCounts: false))
        request.ifNoneMatch = "*"
        #expect(Precondition(request, validators, now: 0) == .notModified)
    }
}

@Suite("dates of HTTP")
struct HTTPDateTests {
    @Test(
        "are read in all three forms",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ])
    func forms(text: String) {
        #expect(HTTPDate.seconds(text) == 784_111_777)
    }

    @Test("are read as they are written", arguments: [0, 951_782_399, 951_868_800, 1_704_164_645, 4_102_444_800])
    func inverse(seconds: Int) {
        #expect(HTTPDate.seconds(HTTPDate.format(WallTime(milliseconds: seconds * 1000))) == seconds)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "invalid", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "784111777",
            "Sun, 06 Nov 99999999999 08:49:37 GMT", "Sun, 06 Nov 1994 ٠٨:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        ])
    func malformed(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
