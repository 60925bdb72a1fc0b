// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime

/// The value of `Vary`: which headers of a request a response depends on.
enum VaryList {
    /// Adds a name unless the list has it, or says that the response depends on everything.
    static func join(_ name: String, to value: inout String) {
        let names = value.split(separator: ",").map { $0.trimmingSpaces.lowercased() }
        if !names.contains("*"), !names.contains(name.lowercased()) { value += ", \(name)" }
    }
}
