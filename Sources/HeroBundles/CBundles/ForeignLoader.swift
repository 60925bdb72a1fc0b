// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// Finds the function of a foreign action.
enum ForeignLoader {
    /// - Parameters:
    ///   - definition: The action.
    ///   - library: What to give to the dynamic linker: a path in the store, or a name that it knows.
    ///   - file: Its `.foreign.yml`, for messages.
    /// - Returns: The action.
    /// - Throws: `BundleProblem`.
    static func action(
        _ definition: ForeignDefinition, library: String, _ file: Generation.File
    ) throws(BundleProblem) -> CAction {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
            throw .loadFailed(file, reason: dlerror().map { String(cString: $0) } ?? "no reason given")
        }
        let function = try symbol(definition.symbol, handle, definition, file)
        var release: CFunction.Release?
        if let name = definition.release {
            release = unsafeBitCast(try symbol(name, handle, definition, file), to: CFunction.Release.self)
        }
        do {
            return try CAction(
                name: definition.name, version: definition.version, description: definition.description,
                inputs: definition.inputs, result: definition.result, reportsErrors: false,
                function: unsafeBitCast(function, to: hero_function.self), release: release)
        } catch {
            throw .foreign(file.path, .definition, "\(error)", found: nil, remedy: "correct the file")
        }
    }

    private static func symbol(
        _ name: String, _ handle: UnsafeMutableRawPointer, _ definition: ForeignDefinition, _ file: Generation.File
    ) throws(BundleProblem) -> UnsafeMutableRawPointer {
        if let address = dlsym(handle, name) { return address }
        throw .loadFailed(file, reason: "\(definition.library) has no function \(name)")
    }
}
