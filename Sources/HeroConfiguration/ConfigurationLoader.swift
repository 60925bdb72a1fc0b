// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Reads the configuration of a project: built-in defaults, files, environment variables, flags, each on top of the
/// former.
package struct ConfigurationLoader {
    private let projectRoot: String
    private let environment: [String: String]
    private let flags: Flags
    private let schema: ConfigurationSchema
    private var problems: [ConfigurationProblem] = []
    /// The last one only says that there are more.
    private static let maximumProblems = 101
    /// The names of all files' sections.
    private(set) var sectionNames: Set<String> = []

    /// What the command line says.
    package struct Flags: Sendable {
        /// Directories in place of `config/`; several are read one after the other.
        package var directories: [String] = []
        /// Values by key, as text.
        package var values: [(key: String, value: String)] = []
        /// The environment, in place of `ACTIONHERO_ENV`.
        package var environmentName: String?

        package init() {}
    }

    package init(
        projectRoot: String, environment: [String: String], flags: Flags = Flags(),
        schema: ConfigurationSchema = .standard
    ) {
        self.projectRoot = projectRoot
        self.environment = environment
        self.flags = flags
        self.schema = schema
    }

    /// The environment whose sections are in force.
    package var environmentName: String { environmentChoice.name }

    /// The environment, and what has chosen it.
    var environmentChoice: (name: String, source: String) {
        if let name = flags.environmentName, !name.isEmpty { return (name, "--env") }
        for variable in ["ACTIONHERO_ENV", "NODE_ENV"] {
            if let name = environment[variable], !name.isEmpty { return (name, variable) }
        }
        return ("development", "the environment")
    }

    /// The kind of process, which may have sections of its own.
    var role: String? {
        environment["ACTIONHERO_ROLE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Returns: The configuration, checked against the schema.
    /// - Throws: ``ConfigurationRefused`` with everything that is wrong.
    package mutating func load() throws(ConfigurationRefused) -> EffectiveConfiguration {
        problems = []
        sectionNames = []
        var tree = defaults()
        let directories = directories()
        for directory in directories {
            for file in files(in: directory) { apply(file, to: &tree) }
        }
        applyOverrides(to: &tree)
        check(&tree)
        guard problems.isEmpty else { throw ConfigurationRefused(problems: problems) }
        return EffectiveConfiguration(
            environment: environmentName, directories: directories.map(absolute), tree: tree, schema: schema,
            warnings: unknownNames())
    }

    /// The files that will be read, and the directories that lead to them; absolute paths.
    ///
    /// What cannot be listed is told by ``load()``.
    package func sources() -> [String] {
        var loader = self
        return loader.directories().flatMap { directory in
            let root = absolute(directory)
            let paths = (try? DirectoryTree.files(below: "", in: root, suffix: "")) ?? []
            return [root] + paths.filter { path in Self.suffixes.contains { path.hasSuffix($0) } }.map { root + $0 }
        }
    }

    private static let suffixes = [".yml", ".yaml"]

    private mutating func defaults() -> ConfigurationTree {
        var tree = ConfigurationTree()
        let interpolation = Interpolation(environment: environment)
        for (path, value, origin) in schema.defaults(environment: environmentName).leaves() {
            var value = value
            if let text = value.stringValue, let expanded = try? interpolation.expand(text), expanded.didExpand {
                value = .string(expanded.text)
            }
            if case .object = value {
                tree.set(at: path, .branch(ConfigurationTree(), origin))
            } else {
                tree.set(at: path, .leaf(value, origin))
            }
        }
        return tree
    }

    private mutating func directories() -> [String] {
        var named = flags.directories
        if named.isEmpty, let list = environment["ACTIONHERO_CONFIG"], !list.isEmpty { named = [list] }
        guard !named.isEmpty else { return ["config"] }
        let directories = named.flatMap { $0.split(separator: ",").map(String.init) }
        let present = directories.filter { FileContents.isDirectory(absolute($0)) }
        if present.isEmpty {
            report(
                "the command line or ACTIONHERO_CONFIG", nil, "",
                "no config directory found in this project: \(directories.joined(separator: ", "))")
        }
        return present
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(projectRoot)/\(path)" }

    private mutating func files(in directory: String) -> [ConfigurationFile] {
        var files: [ConfigurationFile] = []
        do {
            let root = absolute(directory)
            let paths = try DirectoryTree.files(below: "", in: root, suffix: "")
            for suffix in Self.suffixes {
                for path in paths where path.hasSuffix(suffix) {
                    let key = path.drop { $0 == "/" }.dropLast(suffix.count)
                    files.append(
                        try ConfigurationFile(path: root + path, name: "\(directory)\(path)", key: String(key)))
                }
            }
        } catch let error as YAMLError {
            report(error.file, error.line, "", error.reason)
        } catch {
            report(directory, nil, "", "\(error)")
        }
        return files
    }

    private mutating func apply(_ file: ConfigurationFile, to tree: inout ConfigurationTree) {
        var wanted = ["default", environmentName]
        if let role { wanted.append("role.\(role)") }
        sectionNames.formUnion(file.sections.map(\.name))
        for section in file.sections where !wanted.containsSame(section.name) { checkSection(section, file) }
        for name in wanted {
            guard let section = file.sections.first(where: { $0.name.isSame(as: name) }) else { continue }
            var reader = SectionReader(
                file: file.name, section: name, schema: schema,
                interpolation: Interpolation(environment: environment))
            let values = reader.tree(section.node, path: file.namespace)
            problems += reader.problems
            var placed = ConfigurationTree()
            let origin = ConfigurationOrigin(source: file.name, line: section.node.line, section: name)
            placed.set(at: file.namespace, .branch(values, origin))
            tree.merge(placed)
        }
    }

    /// A wrong key in a section of another environment would be found on the day of the deploy: find it now.
    private mutating func checkSection(_ section: (name: String, node: YAMLNode), _ file: ConfigurationFile) {
        let node = section.node
        switch node.content {
        case .mapping, .scalar("", true): break
        case .scalar, .sequence:
            report(
                file.name, node.line, section.name,
                "is no section, which would hold keys with values – is 'default:' missing above it?")
        }
        guard schema.namespaces.contains(file.namespace.first ?? "") else { return }
        checkNames(node, path: file.namespace, file: file.name)
    }

    private mutating func checkNames(_ node: YAMLNode, path: [String], file: String) {
        guard case .mapping(let members) = node.content else { return }
        for (key, value) in members {
            let path = path + [key.keyText ?? ""]
            if schema.key(at: path) != nil { continue }
            if schema.isBranch(path) {
                checkNames(value, path: path, file: file)
            } else {
                reportUnknown(path, ConfigurationOrigin(source: file, line: key.line))
            }
        }
    }

    private mutating func applyOverrides(to tree: inout ConfigurationTree) {
        // configChanges is the name of reference versions before 19.
        for name in ["configChanges", "ACTIONHERO_CONFIG_OVERRIDES"] {
            guard let text = environment[name], !text.isEmpty else { continue }
            do {
                guard case .object(let object) = try JSON(parsing: text) else {
                    report(name, nil, "", "must be a JSON object")
                    continue
                }
                tree.merge(ConfigurationTree(Self.flattenServers(object), origin: .init(source: name)))
            } catch {
                report(name, nil, "", "could not parse \(name): \(error)")
            }
        }
        for (key, value) in flags.values {
            let path = key.split(separator: ".").map(String.init)
            let type = schema.type(at: path)
            let flag: JSON
            do {
                flag = try Self.flagValue(value, type)
            } catch {
                report("--set \(key)", nil, "", "begins as JSON does, and is none: \(error)")
                continue
            }
            tree.set(at: path, .leaf(flag, ConfigurationOrigin(source: "--set \(key)")))
        }
    }

    /// Lists and objects are given as JSON, unless text is wanted; everything else is what a variable would be.
    ///
    /// - Throws: `JSONParsingError` for broken JSON where text cannot be meant.
    private static func flagValue(_ text: String, _ type: ConfigurationType?) throws -> JSON {
        let wantsText = type?.takesText ?? false
        if !wantsText, text.utf8.first == UInt8(ascii: "[") || text.utf8.first == UInt8(ascii: "{") {
            do {
                return try JSON(parsing: text)
            } catch {
                if type?.isCollection == true { throw error }
            }
        }
        return type.map { SectionReader.outside(text, $0) } ?? YAMLScalar.lossless(text)
    }

    /// Before version 28 the reference kept `web`, `websocket` and `socket` below `servers`.
    private static func flattenServers(_ object: JSON.Object) -> JSON.Object {
        guard let servers = object["servers"]?.objectValue else { return object }
        var object = object
        object["servers"] = nil
        for (name, value) in servers { object[name] = value }
        return object
    }
}

// Checking.
extension ConfigurationLoader {
    private mutating func check(_ tree: inout ConfigurationTree) {
        for key in schema.keys {
            // Where a whole branch was replaced by a value, that is what gets reported, below.
            guard let node = tree.node(at: key.path) else { continue }
            do {
                let value = try key.type.read(node.json)
                tree.set(at: key.path, .leaf(value, node.origin))
            } catch {
                let reason = key.isSecret ? "must be \(key.type.text)" : error.reason
                report(node.origin.source, node.origin.line, key.name + error.path, reason)
            }
        }
        for namespace in tree.names where schema.namespaces.contains(namespace) {
            checkUnknown(tree[namespace], path: [namespace])
        }
        checkCombinations(tree)
    }

    /// Values that are each allowed and contradict each other.
    private mutating func checkCombinations(_ tree: ConfigurationTree) {
        func node(_ key: String) -> ConfigurationTree.Node? {
            tree.node(at: key.split(separator: ".").map(String.init))
        }
        if let root = node("web.rootEndpointType"), root.json == "file",
            node("web.urlPathForFiles")?.json.isNull == true
        {
            report(
                root.origin.source, root.origin.line, "web.rootEndpointType",
                "cannot be \"file\" without a web.urlPathForFiles: set one, or set web.rootEndpointType to \"api\"")
        }
        if let plugins = node("plugins") {
            for plugin in PluginSettings.all(plugins.json) {
                guard let problem = plugin.problem(in: projectRoot) else { continue }
                report(plugins.origin.source, plugins.origin.line, problem.key, problem.reason)
            }
        }
    }

    private mutating func checkUnknown(_ node: ConfigurationTree.Node?, path: [String]) {
        if schema.key(at: path) != nil { return }
        guard case .branch(let tree, let origin) = node else {
            if let node { reportUnknown(path, node.origin) }
            return
        }
        guard schema.isBranch(path) else {
            reportUnknown(path, origin)
            return
        }
        for name in tree.names { checkUnknown(tree[name], path: path + [name]) }
    }

    private mutating func reportUnknown(_ path: [String], _ origin: ConfigurationOrigin) {
        guard !isFull else { return }
        let key = path.joined(separator: ".")
        if schema.isBranch(path) {
            report(origin.source, origin.line, key, "must hold keys with values")
        } else if let nearest = schema.nearest(to: path), let known = schema.keys.first(where: { $0.name == nearest }) {
            report(origin.source, origin.line, key, "is not a key – did you mean \(nearest) (\(known.type.text))?")
        } else {
            let siblings = schema.keys.filter { $0.path.starts(with: path.dropLast()) }.map(\.name)
            report(
                origin.source, origin.line, key, "is not a key – known are \(siblings.joined(separator: ", "))")
        }
    }

    /// Nobody reads more than a few, and a file can be wrong in a hundred thousand places.
    private var isFull: Bool { problems.count >= Self.maximumProblems }

    private mutating func report(_ source: String, _ line: Int?, _ key: String, _ reason: String) {
        guard !isFull else { return }
        if problems.count == Self.maximumProblems - 1 {
            problems.append(
                ConfigurationProblem(file: source, line: line, key: "", reason: "and there are more problems"))
            return
        }
        problems.append(ConfigurationProblem(file: source, line: line, key: key, reason: reason))
    }
}
