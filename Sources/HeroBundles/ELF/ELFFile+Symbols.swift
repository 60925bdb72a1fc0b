// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension ELFFile {
    /// Ten times what the largest libraries have.
    private static let maximumSymbols = 1_000_000

    /// The global and weak symbols of the dynamic symbol table.
    func dynamicSymbols() throws(Fault) -> [Symbol] {
        guard let table = sections.first(where: { $0.type == ELFConstant.sectionDynamicSymbols }) else { return [] }
        guard sections.indices.contains(Int(table.link)) else { throw .malformed("its symbols have no names") }
        let names = sections[Int(table.link)]
        guard table.entrySize == 24, let entries = reader.slice(offset: table.offset, size: table.size),
            let strings = reader.slice(offset: names.offset, size: names.size)
        else { throw .malformed("its symbol table lies outside of the file") }
        guard entries.count / 24 <= Self.maximumSymbols else {
            throw .malformed("it has more than \(Self.maximumSymbols) symbols")
        }
        var symbols: [Symbol] = []
        symbols.reserveCapacity(entries.count / 24)
        var budget = NameBudget(reader)
        // Entry 0 is the undefined symbol without a name.
        for offset in stride(from: entries.lowerBound + 24, to: entries.upperBound - 23, by: 24) {
            guard let nameOffset = reader.number(UInt32.self, at: offset),
                let info = reader.number(UInt8.self, at: offset + 4),
                let section = reader.number(UInt16.self, at: offset + 6),
                let name = reader.string(at: strings.lowerBound + Int(nameOffset), within: strings)
            else { throw .malformed("a symbol lies outside of the file") }
            try budget.spend(name)
            let binding = info >> 4
            guard binding != ELFConstant.bindingLocal else { continue }
            symbols.append(
                Symbol(
                    name: name, isDefined: section != 0, isWeak: binding == ELFConstant.bindingWeak,
                    isObject: info & 0xF == ELFConstant.symbolObject))
        }
        return symbols
    }

    /// The highest `GLIBC_2.x` that the file asks for, or `nil` when it asks for none.
    func requiredGlibc() -> GlibcVersion? {
        guard let needs = sections.first(where: { $0.type == ELFConstant.sectionVersionNeeds }),
            sections.indices.contains(Int(needs.link)),
            let part = reader.slice(offset: needs.offset, size: needs.size)
        else { return nil }
        let names = sections[Int(needs.link)]
        guard let strings = reader.slice(offset: names.offset, size: names.size) else { return nil }
        var highest: GlibcVersion?
        forEachVersionName(in: part, strings: strings) { name in
            guard let version = GlibcVersion(symbolVersion: name) else { return }
            highest = max(highest ?? version, version)
        }
        return highest
    }

    /// Walks `Verneed` records and the `Vernaux` lists hanging off them.
    ///
    /// Both are chained by relative offsets, which are only followed forwards, and no more often than records fit into
    /// the section, so that no file can make this long.
    private func forEachVersionName(in part: Range<Int>, strings: Range<Int>, _ body: (String) -> Void) {
        var record = part.lowerBound
        var budget = part.count / 16
        while part.contains(record), let auxOffset = reader.number(UInt32.self, at: record + 8),
            let next = reader.number(UInt32.self, at: record + 12)
        {
            var aux = record + Int(auxOffset)
            while budget > 0, part.contains(aux), let name = reader.number(UInt32.self, at: aux + 8),
                let nextAux = reader.number(UInt32.self, at: aux + 12)
            {
                budget -= 1
                if let text = reader.string(at: strings.lowerBound + Int(name), within: strings, limit: 256) {
                    body(text)
                }
                guard nextAux > 0 else { break }
                aux += Int(nextAux)
            }
            guard next > 0 else { return }
            record += Int(next)
        }
    }
}

/// A version of the GNU C library, such as 2.36.
package struct GlibcVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Parameter text: For example `2.36`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        major = parts[0]
        minor = parts[1]
    }

    /// - Parameter name: For example `GLIBC_2.34`; other symbol versions are `nil`.
    init?(symbolVersion name: String) {
        guard name.hasPrefix("GLIBC_") else { return nil }
        self.init(name.dropFirst("GLIBC_".count))
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    package var description: String { "\(major).\(minor)" }
}
