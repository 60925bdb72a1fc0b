// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

extension BundleProblem {
    /// What a file of this directory would be, the host does not have yet.
    package static func future(_ path: String, _ kind: BundleKind) -> BundleProblem {
        BundleProblem(
            .directory, file: path, expected: "nothing in \(kind.directory)/", found: path,
            "\(path) lies in \(kind.directory)/, and hero \(SDK.version) has no \(kind.noun) yet",
            remedy: "move it to the directory of what it defines, such as actions/, or delete it")
    }
}
