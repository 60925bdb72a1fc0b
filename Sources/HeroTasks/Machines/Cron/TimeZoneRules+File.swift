// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension TimeZoneRules {
    /// Reads a file as the package tzdata has them, RFC 8536.
    ///
    /// - Parameters:
    ///   - name: For messages.
    ///   - bytes: All of the file.
    /// - Throws: CronError that says what is wrong with it.
    package init(name: String, file bytes: [UInt8]) throws(CronError) {
        var reader = TimeZoneReader(name: name, bytes: bytes)
        let first = try reader.header()
        guard first.version >= 50 else {
            throw CronError(
                "the file of the time zone \(name) is of the first version, which ends in 2038; install tzdata")
        }
        // The first block is for programs that know only 32 bits.
        try reader.skip(first.bytes(timeSize: 4))
        let header = try reader.header()
        guard header.leaps == 0 else {
            throw CronError("the time zone \(name) counts leap seconds; take the one without right/ before its name")
        }
        guard (1...256).contains(header.types) else { throw reader.failure }
        let moments = try reader.moments(header.times)
        let indexes = try reader.bytes(header.times)
        let offsets = try reader.offsets(header.types)
        try reader.skip(header.characters + header.standards + header.universals)
        let footer = try reader.footer()
        var transitions: [Transition] = []
        transitions.reserveCapacity(moments.count)
        for (moment, index) in zip(moments, indexes) {
            guard Int(index) < offsets.count else { throw reader.failure }
            guard moment > transitions.last?.moment ?? .min else { throw reader.failure }
            transitions.append(Transition(moment: moment, offset: offsets[Int(index)]))
        }
        self.init(
            name: name, initialOffset: offsets[0], transitions: transitions,
            rule: footer.isEmpty ? nil : try PosixTimeZone(footer))
    }

    /// Whether a name can be the one of a file: nothing leads out of the directory.
    package static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 100
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "."
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0 & 0xDF) || $0 == 43 || $0 == 45 || $0 == 95
                    }
            }
    }
}

/// Reads a file of tzdata from its beginning to its end.
private struct TimeZoneReader {
    struct Header {
        let version: UInt8
        let universals: Int
        let standards: Int
        let leaps: Int
        let times: Int
        let types: Int
        let characters: Int

        func bytes(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    let name: String
    private let content: [UInt8]
    private var position = 0

    init(name: String, bytes: [UInt8]) { (self.name, content) = (name, bytes) }

    var failure: CronError { CronError("the file of the time zone \(name) is damaged; install tzdata again") }

    mutating func skip(_ count: Int) throws(CronError) { _ = try bytes(count) }

    mutating func bytes(_ count: Int) throws(CronError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= content.count - position else { throw failure }
        defer { position += count }
        return content[position..<position + count]
    }

    private mutating func integer(_ size: Int) throws(CronError) -> Int {
        let value = try bytes(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(truncatingIfNeeded: value)
    }

    mutating func header() throws(CronError) -> Header {
        guard try Array(bytes(4)) == Array("TZif".utf8) else { throw failure }
        let version = try bytes(1).first ?? 0
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = try integer(4)
            // Each takes at least a byte.
            guard (0...content.count).contains(count) else { throw failure }
            counts.append(count)
        }
        return Header(
            version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], characters: counts[5])
    }

    mutating func moments(_ count: Int) throws(CronError) -> [Int] {
        var moments: [Int] = []
        for _ in 0..<count { moments.append(try integer(8)) }
        return moments
    }

    mutating func offsets(_ count: Int) throws(CronError) -> [Int] {
        var offsets: [Int] = []
        for _ in 0..<count {
            let offset = try integer(4)
            // The RFC's own limits: 25 hours back, 26 hours ahead.
            guard (-90_000...93_600).contains(offset) else { throw failure }
            offsets.append(offset)
            try skip(2)
        }
        return offsets
    }

    mutating func footer() throws(CronError) -> String {
        let rest = content[position...]
        guard rest.first == 10, let end = rest.dropFirst().firstIndex(of: 10) else { throw failure }
        return String(decoding: rest[(position + 1)..<end], as: UTF8.self)
    }
}
