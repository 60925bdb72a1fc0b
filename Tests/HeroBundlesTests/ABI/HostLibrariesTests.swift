// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroBundles

@Suite("libraries of the host")
struct HostLibrariesTests {
    @Test("hero starts on a machine without any package that has to be installed for it")
    func needed() throws {
        let file = try ELFFile(ELFReader(mapping: Stage.hero))
        // Those that an installation brings, those of the C library itself, and what Swift's runtime needs of C++.
        let brought = ["libswift", "libdispatch.so", "libBlocksRuntime.so", "libFoundationEssentials.so"]
        let system = [
            "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libstdc++.so.6",
            "libgcc_s.so.1",
        ]
        let others = file.needed.filter { name in
            !system.contains(name) && !brought.contains { name.hasPrefix($0) }
        }
        #expect(others == [])
    }
}
