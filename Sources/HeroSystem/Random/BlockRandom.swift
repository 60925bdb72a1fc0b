// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// Random numbers of the kernel, fetched in blocks by each thread.
///
/// What `SystemRandomNumberGenerator` gives too where the compiler knows it; through a generic function that one makes a
/// system call for each number.
package struct BlockRandom: RandomNumberGenerator {
    /// Gives the generator an address: ThreadSanitizer dies of an access to a value of no size.
    private let place: UInt8 = 0

    package init() {}

    package mutating func next() -> UInt64 {
        var number: UInt64 = 0
        guard hero_random(&number, MemoryLayout<UInt64>.size) == 0 else {
            // Only where the kernel has no getrandom(2); the standard library knows other ways.
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return number
    }
}
