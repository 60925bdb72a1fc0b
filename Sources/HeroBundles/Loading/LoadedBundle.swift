// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What one bundle brought into the process.
package struct LoadedBundle: Sendable {
    package let file: Generation.File
    /// Types that conform to a protocol of the SDK, sorted by their name; the actions of a C bundle in the order of its
    /// table.
    package let types: [BundleType]

    package init(file: Generation.File, types: [BundleType]) {
        self.file = file
        self.types = types
    }
}
