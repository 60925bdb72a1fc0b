// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The one key of a manifest that every format has.
struct ManifestFormat: Decodable {
    let format: Int

    init(encoded: some Sequence<UInt8>) throws {
        self = try JSON(parsing: Array(encoded)).decode()
    }
}
