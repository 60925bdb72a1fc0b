// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import HeroSystem

/// SDK symbols that a host exports.
enum HostExports: Sendable, ExpressibleByArrayLiteral {
    /// Looked up when asked for: reading thousands of names takes longer than the few questions of a start.
    case executable(ELFSymbolLookup)
    case named(Set<String>)

    init(arrayLiteral names: String...) {
        self = .named(Set(names))
    }

    func contains(_ name: String) -> Bool {
        switch self {
        case .executable(let symbols): SDKSymbol.isOne(name) && symbols.contains(name)
        case .named(let names): names.contains(name)
        }
    }
}
