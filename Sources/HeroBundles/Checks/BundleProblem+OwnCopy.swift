// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension BundleProblem {
    /// Whether a file defines what the host defines as well.
    ///
    /// - Parameters:
    ///   - path: The file as the user knows it.
    ///   - bundle: Its name.
    ///   - symbols: Its dynamic symbols.
    ///   - host: Whose exports count.
    ///   - remedy: What to do.
    /// - Returns: The problem, if there is one.
    static func ownCopy(
        _ path: String, bundle: String?, _ symbols: [ELFFile.Symbol], _ host: HostInterface, remedy: String
    ) -> BundleProblem? {
        // Weak definitions (a conformance that several images may emit) are shared by design.
        let copies = symbols.filter { symbol in
            symbol.isDefined && !symbol.isWeak
                && (host.exports.contains(symbol.name) || runtimeSymbols.contains(symbol.name))
        }
        guard let first = copies.first(where: { isType($0.name) }) ?? copies.first else { return nil }
        let others = copies.count > 1 ? ", \(copies.count - 1) more" : ""
        let whose = runtimeSymbols.contains(first.name) ? "Swift runtime" : "SDK"
        return BundleProblem(
            .ownCopy, file: path, bundle: bundle, found: "\(copies.count) symbols",
            "\(path) contains its own copy of the \(whose) (\(Demangling.readable(first.name))\(others))",
            remedy: remedy)
    }

    /// Type and protocol descriptors make a better example than a thunk.
    private static func isType(_ symbol: String) -> Bool { symbol.hasSuffix("Mp") || symbol.hasSuffix("Mn") }

    /// A few that every Swift runtime defines; a bundle that has one of them was linked with -static-stdlib.
    private static let runtimeSymbols: Set<String> = ["swift_retain", "swift_release", "swift_allocObject"]
}
