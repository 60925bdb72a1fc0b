// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A compiled, not yet linked file.
package enum ObjectFile {
    /// The flags for libraries that the source imports; the compiler leaves them in a section of their own.
    ///
    /// - Throws: ``BundlesRefused`` when the file is no object file.
    package static func autolinkFlags(_ contents: [UInt8]) throws -> [String] {
        do throws(ELFFile.Fault) {
            let reader = ELFReader(bytes: contents)
            let header = try ELFHeader(reader, type: ELFConstant.typeRelocatable)
            var flags: [String] = []
            for section in try header.readSections(reader) where section.name == ".swift1_autolink_entries" {
                guard let range = reader.slice(offset: section.offset, size: section.size) else { continue }
                for entry in reader.bytes(in: range).split(separator: 0) {
                    let flag = String(decoding: entry, as: UTF8.self)
                    if !flags.contains(flag) { flags.append(flag) }
                }
            }
            return flags
        } catch {
            throw BundlesRefused(problems: [.unreadable("the compiler's output", error, contents)])
        }
    }

    /// The file without the hash by which a compiler would know that it need not make it again.
    ///
    /// The hash covers the path of the file itself, and would be linked into the library.
    ///
    /// - Throws: ``BundlesRefused`` when the file is no object file.
    package static func withoutModuleHash(_ contents: [UInt8]) throws -> [UInt8] {
        do throws(ELFFile.Fault) {
            let reader = ELFReader(bytes: contents)
            let header = try ELFHeader(reader, type: ELFConstant.typeRelocatable)
            var contents = contents
            for section in try header.readSections(reader) where section.name == ".swift_modhash" {
                guard let range = reader.slice(offset: section.offset, size: section.size) else { continue }
                contents.replaceSubrange(range, with: repeatElement(0, count: range.count))
            }
            return contents
        } catch {
            throw BundlesRefused(problems: [.unreadable("the compiler's output", error, contents)])
        }
    }
}
