// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// Turns the table of a C bundle into actions.
///
/// Everything in the table is doubted, except that its pointers lead to memory that is mapped, which nothing can check.
struct CTableReader {
    private static let maximumActions = 1024

    private let file: Generation.File
    private let table: hero_bundle

    /// - Parameters:
    ///   - address: Where `hero_bundle_table` is.
    ///   - file: The bundle, for messages.
    /// - Returns: In the order of the table.
    /// - Throws: ``BundlesRefused`` with one problem for each action that cannot be used.
    static func actions(
        at address: UnsafeRawPointer, of file: Generation.File
    ) throws(BundlesRefused) -> [CAction] {
        let reader: CTableReader
        do throws(BundleProblem) {
            reader = try CTableReader(at: address, of: file)
        } catch {
            throw BundlesRefused(problems: [error])
        }
        return try reader.actions()
    }

    private init(at address: UnsafeRawPointer, of file: Generation.File) throws(BundleProblem) {
        self.file = file
        // These four are in every table, of whatever version.
        let header = (0..<4).map { address.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        guard header[0] > 0, header[0] <= HERO_BUNDLE_ABI_VERSION else {
            throw .cTable(
                file, BundleNote.cTableSymbol,
                "abi_version is \(header[0]), this host reads 1 to \(HERO_BUNDLE_ABI_VERSION)",
                expected: "\(HERO_BUNDLE_ABI_VERSION)", found: "\(header[0])",
                remedy: header[0] == 0 ? "define the table with HERO_BUNDLE(…)" : "upgrade hero")
        }
        try hero_bundle.check(sizeBytes: header[1], field: "size", file)
        try hero_action.check(sizeBytes: header[2], field: "action_size", file)
        try hero_input.check(sizeBytes: header[3], field: "input_size", file)
        table = try hero_bundle.read(at: address, sizeBytes: header[1], file, BundleNote.cTableSymbol)
    }

    private func actions() throws(BundlesRefused) -> [CAction] {
        guard let first = table.actions, (1...Self.maximumActions).contains(Int(table.action_count)) else {
            let found = table.actions == nil ? "actions is NULL" : "action_count is \(table.action_count)"
            throw BundlesRefused(problems: [
                .cTable(
                    file, BundleNote.cTableSymbol, found, expected: "1 to \(Self.maximumActions) actions", found: found)
            ])
        }
        var actions: [CAction] = []
        var problems: [BundleProblem] = []
        for position in 0..<Int(table.action_count) {
            let address = UnsafeRawPointer(first) + position * Int(table.action_size)
            do throws(BundleProblem) {
                let reader = try CActionReader(
                    at: address, position: position, actionSizeBytes: table.action_size,
                    inputSizeBytes: table.input_size, file)
                actions.append(try reader.action())
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        return actions
    }
}
