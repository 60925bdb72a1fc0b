// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc

/// Loads a library that has just been built to learn which commands it has.
package enum CommandReader {
    /// - Parameters:
    ///   - path: Of the library; absolute.
    ///   - libraries: The application library's files, which it may need.
    /// - Returns: The types, sorted by name.
    /// - Throws: ``CommandReadingFailure`` when it cannot be loaded.
    package static func commands(of path: String, libraries: [String]) throws -> [any Command.Type] {
        for library in libraries { _ = try open(library) }
        let loaded = try LoadedImage(handle: open(path), elf: ELFFile(ELFReader(mapping: path)))
        let found = TypeDiscovery.conformingTypes(in: loaded)
        let subclasses = TypeDiscovery.subclasses(in: loaded).filter { subclass in
            !found.contains { $0.type == subclass.type }
        }
        let commands = Commands()
        for type in (found + subclasses).flatMap(\.roles) { try type.register(in: commands, file: path) }
        return commands.types.sorted { $0.name < $1.name }
    }

    /// Takes commands and nothing else.
    private final class Commands: BundleRegistry {
        private(set) var types: [any Command.Type] = []

        func add(_ type: any Command.Type, file: String) { types.append(type) }
        func add(_ type: any Action.Type, file: String) {}
        func add(_ action: CAction, file: String) {}
        func add(_ type: any ActionMiddleware.Type, file: String) {}
        func add(_ type: any ConnectionMiddleware.Type, file: String) {}
        func add(_ type: any Initializer.Type, file: String) {}
        func add(_ type: any BackgroundTask.Type, file: String) {}
        func add(_ type: any TaskMiddleware.Type, file: String) {}
    }

    private static func open(_ path: String) throws(CommandReadingFailure) -> UnsafeMutableRawPointer {
        if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return handle }
        throw CommandReadingFailure(description: dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded")
    }
}

/// A library cannot be asked for its commands.
package struct CommandReadingFailure: Error, CustomStringConvertible {
    package let description: String
}
