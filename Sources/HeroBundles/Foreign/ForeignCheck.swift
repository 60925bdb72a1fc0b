// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// What can be said about a foreign action without running anything.
package enum ForeignCheck {
    /// - Parameters:
    ///   - definition: The action.
    ///   - path: Its `.foreign.yml`, for messages.
    ///   - contents: The library's bytes; `nil` for a library of the system.
    ///   - host: What the library has to fit.
    /// - Throws: `BundleProblem`.
    package static func check(
        _ definition: ForeignDefinition, path: String, contents: [UInt8]?, host: HostInterface
    ) throws(BundleProblem) {
        do {
            _ = try CInput.table(definition.inputs)
        } catch {
            throw .foreign(path, .definition, "\(error)", found: nil, remedy: "correct the file")
        }
        if contents == nil, !SystemLibrary.exists(definition.library) {
            throw .foreign(
                path, .library, "there is no library \(definition.library)", found: definition.library,
                remedy: "install it, or write a path with a slash for a file of the project")
        }
        // Where the dynamic linker would find one that we do not, the candidate process tells.
        let system = SystemLibrary.path(definition.library).flatMap { try? FileContents.read($0) }
        guard let contents = contents ?? system else { return }
        let symbols: [ELFFile.Symbol]
        do {
            let elf = try ELFFile(bytes: contents)
            guard Machine(rawValue: elf.machine) == host.machine else {
                throw BundleProblem.machine(definition.library, Machine(rawValue: elf.machine), host)
            }
            symbols = try elf.dynamicSymbols()
        } catch let problem as BundleProblem {
            throw problem
        } catch {
            throw .unreadable(definition.library, error as? ELFFile.Fault, contents)
        }
        guard symbols.contains(where: { $0.name == definition.symbol && $0.isDefined && !$0.isObject }) else {
            throw .foreign(
                path, .symbols, "\(definition.library) has no function \(definition.symbol)", found: definition.symbol,
                remedy: "nm -D --defined-only \(definition.library) lists what it has")
        }
    }
}

extension BundleProblem {
    static func foreign(
        _ path: String, _ code: Code, _ reason: String, found: String?, remedy: String
    ) -> BundleProblem {
        BundleProblem(code, file: path, found: found, "\(path): \(reason)", remedy: remedy)
    }
}
