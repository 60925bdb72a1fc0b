// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The version of the interface that bundles are compiled against.
///
/// A bundle records this version when it is built. A host accepts bundles of its own major version and refuses a bundle
/// that uses a declaration it does not have.
public enum SDK {
    /// The semantic version of this SDK, which is also the version of the `hero` host that ships it.
    public static let version: String = "0.1.0"
}
