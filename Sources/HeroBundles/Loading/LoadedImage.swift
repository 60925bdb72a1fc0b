// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// A shared object in this process, with its sections at their addresses.
struct LoadedImage {
    private let handle: UnsafeMutableRawPointer
    private let base: UnsafeRawPointer
    private let elf: ELFFile

    init(handle: UnsafeMutableRawPointer, elf: ELFFile) throws {
        guard let base = hero_image_base(handle) else { throw ELFFile.Fault.malformed("its load address is unknown") }
        self.handle = handle
        self.base = base
        self.elf = elf
    }

    /// The mapped bytes of a section; empty when the image has no such section.
    func section(_ name: String) -> UnsafeRawBufferPointer {
        guard let section = elf.section(named: name), section.address > 0 else { return .init(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + Int(section.address), count: Int(section.size))
    }

    /// The address of a symbol of the image or of a library that it needs.
    func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }
}
