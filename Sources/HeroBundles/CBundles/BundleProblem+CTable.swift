// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

extension BundleProblem {
    /// Something in the table of a C bundle is not valid.
    ///
    /// - Parameters:
    ///   - file: The bundle.
    ///   - place: Where in the table.
    ///   - reason: What is wrong there, with the value.
    ///   - expected: What would be right.
    ///   - found: The value.
    ///   - remedy: What to do.
    /// - Returns: The problem.
    static func cTable(
        _ file: Generation.File, _ place: String, _ reason: String, expected: String? = nil, found: String? = nil,
        remedy: String = "correct the table and build the bundle again"
    ) -> BundleProblem {
        BundleProblem(
            .definition, file: file.path, bundle: file.manifest?.name, expected: expected, found: found,
            "\(file.path): \(place): \(reason)", remedy: remedy)
    }

    static func cUnknown(_ file: Generation.File, _ place: String) -> BundleProblem {
        cTable(
            file, place, "something is set that this host does not know: a reserved field, a flag or a newer field",
            expected: "zero", found: "another value",
            remedy: "upgrade hero, or set everything to zero that hero_bundle.h does not name")
    }

    static func cType(_ file: Generation.File, _ place: String, field: String, _ type: hero_type) -> BundleProblem {
        let found = type == HERO_TYPE_NOTHING ? "HERO_TYPE_NOTHING" : "\(type)"
        return cTable(
            file, place, "\(field) is \(found), which is no type that it can have",
            expected: "HERO_TYPE_BOOLEAN (1) to HERO_TYPE_JSON (5)", found: found)
    }
}
