// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The comments at the top of a `.swiftinterface`.
struct InterfaceHeader {
    /// `6.3.1 (swift-6.3.1-RELEASE)`.
    let swift: String
    let target: String

    init(_ contents: [UInt8], path: String) throws {
        var swift: String?
        var target: String?
        for line in String(decoding: contents.prefix(4096), as: UTF8.self).split(separator: "\n") {
            if let value = Self.value(of: "// swift-compiler-version: ", in: line) {
                swift = CompilerVersion.short(value)
            }
            if let flags = Self.value(of: "// swift-module-flags: ", in: line) {
                let words = flags.split(separator: " ")
                target = words.firstIndex(of: "-target").flatMap {
                    words.indices.contains($0 + 1) ? String(words[$0 + 1]) : nil
                }
            }
        }
        guard let swift, let target else {
            throw HostInterfaceError(cause: BundleNote.Fault.unreadable("\(path) names no compiler"))
        }
        self.swift = swift
        self.target = target
    }

    private static func value(of prefix: String, in line: Substring) -> String? {
        line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : nil
    }
}
