// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whether the dynamic linker would find a library, by its own rules: ld.so(8).
///
/// It is asked itself only about libraries that this process uses already: opening another one would run its
/// initialisers.
enum SystemLibrary {
    /// Something that will not be found.
    struct Missing: Hashable {
        let name: String
        /// The library of the system that needs it; nothing when the file itself does.
        let neededBy: String?
    }

    /// For a library that is opened by its name alone.
    static func exists(_ name: String) -> Bool { isLoaded(name) || path(name) != nil }

    /// What to do about a library that is not there.
    ///
    /// Swift's runtime exists once in a process, so its parts are never to be linked into a bundle (HB109).
    static func remedy(missing name: String) -> String {
        if name.hasPrefix("libFoundation") || name.hasPrefix("lib_Foundation") {
            return
                "import FoundationEssentials instead of Foundation, or install hero with make install FOUNDATION=full"
        }
        if name.hasPrefix("libswift") || name == "libdispatch.so" || name == "libBlocksRuntime.so" {
            return "it is part of Swift's runtime, which make install copies: install hero again"
        }
        return "install it, or link it statically into the bundle"
    }

    /// Where a library that is opened by its name alone lies.
    static func path(_ name: String) -> String? { path(name, in: executable.inherited, then: []) }

    /// Libraries that a file needs, or one of those needs, and that are not there.
    ///
    /// - Parameters:
    ///   - elf: The file.
    ///   - provided: Names that are loaded before it.
    /// - Returns: Each once, in the order in which they are looked for. Names with a directory are not looked for.
    static func missing(for elf: ELFFile, provided: Set<String>) -> [Missing] {
        search(for: elf, provided: provided, needs: [:]).missing
    }

    /// Follows what a file needs as the dynamic linker would.
    ///
    /// - Parameters:
    ///   - elf: The file.
    ///   - provided: Names that are loaded before it.
    ///   - needs: What those need themselves, by their names.
    /// - Returns: What is not there, and what is.
    static func search(for elf: ELFFile, provided: Set<String>, needs: [String: [String]]) -> Search {
        // Bundles are loaded from a copy: what counts from the place of the file leads nowhere.
        var search = Search(provided: provided, needs: needs)
        search.follow(elf, origin: nil, inherited: executable.inherited, neededBy: nil)
        return search
    }

    struct Search {
        /// More than any program has; what is behind it is for the dynamic linker to find out.
        private static let maximumFiles = 512

        let provided: Set<String>
        private let needs: [String: [String]]
        private(set) var missing: [Missing] = []
        /// Provided libraries that the library is linked with.
        private(set) var reached: Set<String> = []
        private(set) var definitions = Definitions()
        private var known: Set<String> = []

        init(provided: Set<String>, needs: [String: [String]]) {
            self.provided = provided
            self.needs = needs
        }

        mutating func follow(_ elf: ELFFile, origin: String?, inherited: [String], neededBy: String?) {
            let mine = SearchDirectories(elf.searchPath, origin: origin, inherited: inherited)
            follow(elf.needed, mine, neededBy: neededBy)
        }

        private mutating func follow(_ names: [String], _ mine: SearchDirectories, neededBy: String?) {
            for name in names where !name.contains("/") {
                guard known.count < Self.maximumFiles, known.insert(name).inserted else { continue }
                if provided.contains(name) {
                    reached.insert(name)
                    // Whether those are there is found out by the check of the library itself.
                    let before = missing
                    follow(needs[name] ?? [], SearchDirectories.none, neededBy: name)
                    missing = before
                    continue
                }
                if definitions.addLoaded(name) { continue }
                guard let path = SystemLibrary.path(name, in: mine.inherited, then: mine.own) else {
                    missing.append(Missing(name: name, neededBy: neededBy))
                    continue
                }
                // The dynamic linker is going to map the same file, so reading it in place adds no hazard.
                guard let reader = try? ELFReader(mapping: path), let library = try? ELFFile(reader) else {
                    definitions.isComplete = false
                    continue
                }
                definitions.add(library)
                follow(library, origin: directory(of: path), inherited: mine.inherited, neededBy: name)
            }
        }
    }

    /// What symbols can be bound to: those of this process and of the libraries that a file is linked with.
    struct Definitions {
        /// The dynamic linker's handles, which keep loaded what is loaded anyway.
        private var loaded: [Handle] = []
        private var files: [ELFSymbolLookup] = []
        /// Whether every library could be read.
        var isComplete = true

        private struct Handle: @unchecked Sendable {
            let pointer: UnsafeMutableRawPointer
        }

        /// - Returns: Whether this process has the library.
        mutating func addLoaded(_ name: String) -> Bool {
            guard let handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD) else { return false }
            loaded.append(Handle(pointer: handle))
            return true
        }

        mutating func add(_ library: ELFFile) {
            if let lookup = try? ELFSymbolLookup(library) { files.append(lookup) } else { isComplete = false }
        }

        func contains(_ symbol: String) -> Bool {
            dlsym(nil, symbol) != nil || loaded.contains { dlsym($0.pointer, symbol) != nil }
                || files.contains { $0.contains(symbol) }
        }
    }

    /// The directories of one file, `$ORIGIN` replaced.
    fileprivate struct SearchDirectories {
        /// What its libraries inherit, its own first.
        let inherited: [String]
        /// Looked into after `LD_LIBRARY_PATH`.
        let own: [String]

        /// Only what the process itself looks into.
        static var none: SearchDirectories {
            SearchDirectories(ELFFile.SearchPath(), origin: nil, inherited: executable.inherited)
        }

        init(_ path: ELFFile.SearchPath, origin: String?, inherited: [String]) {
            if let own = path.own {
                self.own = own.compactMap { SystemLibrary.expanded($0, origin: origin) }
                self.inherited = []
            } else {
                own = []
                self.inherited = path.inherited.compactMap { SystemLibrary.expanded($0, origin: origin) } + inherited
            }
        }
    }

    private static func isLoaded(_ name: String) -> Bool {
        guard let handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD) else { return false }
        dlclose(handle)
        return true
    }

    private static func path(_ name: String, in first: [String], then own: [String]) -> String? {
        let named = (first + environment + own).map { "\($0)/\(name)" }
        let usual = usualDirectories.map { "\($0)/\(name)" }
        return (named + LinkerCache.system.paths(of: name) + usual).first(where: isForThisMachine)
    }

    /// Files of other machines may have the same name; the dynamic linker passes them over.
    private static func isForThisMachine(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 20)
        guard read(descriptor, &header, header.count) == header.count else { return false }
        let reader = ELFReader(bytes: header)
        return reader.number(UInt32.self, at: 0) == 0x464C_457F && reader.number(UInt16.self, at: 18) == machine
    }

    /// `$ORIGIN` is the directory of the file that says it; `nil` for what cannot be known.
    private static func expanded(_ directory: String, origin: String?) -> String? {
        let words = ["${ORIGIN}", "$ORIGIN"].filter { directory.contains($0) }
        guard !words.isEmpty else { return directory.contains("$") ? nil : directory }
        guard let origin else { return nil }
        return words.reduce(directory) { $0.replacing($1, with: origin) }
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The executable's `DT_RPATH`, which counts for every library that has no `DT_RUNPATH` of its own.
    private static let executable: SearchDirectories = {
        let link = "/proc/self/exe"
        let elf = (try? ELFReader(mapping: link)).flatMap { try? ELFFile($0) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        var path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        // The file was replaced while this process ran, by an upgrade.
        if path.hasSuffix(" (deleted)") { path.removeLast(" (deleted)".count) }
        return SearchDirectories(elf?.searchPath ?? ELFFile.SearchPath(), origin: directory(of: path), inherited: [])
    }()

    private static let environment: [String] =
        getenv("LD_LIBRARY_PATH").map { text in
            String(cString: text).split { $0 == ":" || $0 == ";" }.map(String.init)
        } ?? []

    #if arch(x86_64)
        private static let machine = Machine.amd64.rawValue
        private static let triplet = "x86_64-linux-gnu"
    #else
        private static let machine = Machine.aarch64.rawValue
        private static let triplet = "aarch64-linux-gnu"
    #endif

    /// Compiled into the dynamic linker; distributions differ.
    private static let usualDirectories = [
        "/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
    ]

    /// Where a library lies that the dynamic linker will only find once `ldconfig` has run.
    static func unlistedPath(_ name: String) -> String? {
        ["/usr/local/lib", "/usr/local/lib/\(triplet)", "/usr/local/lib64"].lazy.map { "\($0)/\(name)" }
            .first(where: isForThisMachine)
    }
}
