// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroBundles
import HeroRuntime
import HeroSystem

/// A source file to be generated, and the test beside it.
struct FileTemplate {
    let role: BundleRole
    let name: String
    /// What stands for `%%key%%` in the template.
    var values: [String: String]
    /// First words that no command of an application may have.
    private let builtInCommands: Set<String>

    init(role: BundleRole, name: String, description: String, builtInCommands: Set<String>) {
        self.role = role
        self.builtInCommands = builtInCommands
        self.name = name
        values = [
            "name": Self.escaped(name), "type": Self.typeName(name), "description": Self.escaped(description),
        ]
    }

    /// - Throws: ``CommandFailure`` when the name cannot be used or a file exists that may not be replaced.
    func create(in projectRoot: String, _ flags: GenerateFlags) throws {
        try checkName()
        let stem = "\(role.kind.directory)/\(Self.fileName(name))"
        let templates = try InstallLayout.current().templates
        let files = [
            ("\(stem).swift", "\(templates)/\(role.rawValue).swift.template"),
            ("\(stem)Tests.swift", "\(templates)/\(role.rawValue)Tests.swift.template"),
        ]
        let output = GeneratedFiles(root: projectRoot, isDryRun: flags.dryRun)
        for (path, _) in files where !flags.force && output.exists(path) {
            throw CommandFailure("\(path) exists already; choose another name, or replace it with --force")
        }
        try output.checkOwners(of: files.map(\.0))
        for (path, template) in files {
            let text = Self.fill(String(decoding: try FileContents.read(template), as: UTF8.self), values)
            try output.write(path, text.utf8)
        }
    }

    static func fill(_ template: String, _ values: [String: String]) -> String {
        values.reduce(template) { $0.replacing("%%\($1.key)%%", with: $1.value) }
    }

    /// `billing:create-invoice` is the type `BillingCreateInvoice`.
    private static func typeName(_ name: String) -> String {
        let words = name.split { !$0.isLetter && !$0.isNumber }
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func fileName(_ name: String) -> String {
        let type = typeName(name)
        return type.prefix(1).lowercased() + type.dropFirst()
    }

    /// For a Swift string literal, and for a comment: nothing ends the line.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private func checkName() throws {
        func refuse(_ reason: String) -> CommandFailure {
            CommandFailure("'\(name)' cannot be the name of \(role.kind.generated ?? role.rawValue): \(reason)")
        }
        let separators = role == .command ? "-_: " : "-_:"
        guard let first = name.first else { throw refuse("it is empty") }
        guard first.isASCII, first.isLetter else { throw refuse("it must begin with a letter (A–Z, a–z)") }
        if let bad = name.first(where: { !($0.isASCII && ($0.isLetter || $0.isNumber)) && !separators.contains($0) }) {
            throw refuse(
                "'\(bad)' is not allowed; use letters (A–Z, a–z), digits and \(separators.map { "'\($0)'" }.joined(separator: " "))"
            )
        }
        if role == .action, ActionRegistry.reservedNames.contains(name) {
            throw refuse("it is a reserved verb for connections")
        }
        if role == .command, let word = name.split(separator: " ").first.map(String.init),
            builtInCommands.contains(word)
        {
            throw refuse("hero has a command \(word) of its own")
        }
        if "\(Self.fileName(name)).swift".hasSuffix(SourceFiles.testSuffix) {
            throw refuse("its file \(Self.fileName(name)).swift would be taken for tests")
        }
        if Self.takenTypes.contains(Self.typeName(name)) {
            throw refuse("\(Self.typeName(name)) is a type of the SDK or of Swift")
        }
    }

    private static let takenTypes: Set<String> = [
        "Action", "ActionError", "ActionMiddleware", "ActionVersion", "Any", "Application", "Array", "BackgroundTask",
        "Bool",
        "BooleanLiteralType", "Character", "Command", "Configuration", "ConfigurationError", "Connection",
        "ConnectionMiddleware", "Context", "Cookie", "Dictionary", "Double", "Duration", "Encodable", "Error",
        "Execution", "ExtendedGraphemeClusterType", "FloatLiteralType", "Formatter", "Initializer", "Input",
        "InputObject", "Int", "IntegerLiteralType", "JSON", "Job", "Log", "LogLevel", "Never", "NoOutput", "Optional",
        "Output", "Protocol", "Request", "Response", "Result", "SDK", "Self", "Services", "Session", "Set",
        "SpecHelper", "String", "StringLiteralType", "Substring", "Task", "TaskContext", "TaskMiddleware", "Tasks",
        "Type", "UnicodeScalarType", "Validator",
        "Void",
    ]
}
