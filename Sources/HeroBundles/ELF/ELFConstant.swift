// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

enum ELFConstant {
    static let typeRelocatable: UInt16 = 1
    /// Shared objects and position-independent executables.
    static let typeShared: UInt16 = 3
    static let sectionRelocations: UInt32 = 4
    static let sectionDynamic: UInt32 = 6
    static let sectionNote: UInt32 = 7
    static let sectionNoBits: UInt32 = 8
    static let sectionDynamicSymbols: UInt32 = 11
    static let sectionGNUHash: UInt32 = 0x6fff_fff6
    static let sectionVersionNeeds: UInt32 = 0x6fff_fffe
    static let tagNeeded: Int64 = 1
    static let tagSoname: Int64 = 14
    static let tagRpath: Int64 = 15
    static let tagRunpath: Int64 = 29
    /// Entries of the dynamic section whose value is a name.
    static let namingTags: Set<Int64> = [tagNeeded, tagSoname, tagRpath, tagRunpath]
    static let segmentLoad: UInt32 = 1
    static let bindingLocal: UInt8 = 0
    static let bindingWeak: UInt8 = 2
    static let symbolObject: UInt8 = 1
}
