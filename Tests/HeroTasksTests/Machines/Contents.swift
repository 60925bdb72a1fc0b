// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem

/// A file of the system; `nil` when it cannot be read.
func contents(_ path: String) -> [UInt8]? { try? FileContents.read(path, limit: 1 << 20) }
