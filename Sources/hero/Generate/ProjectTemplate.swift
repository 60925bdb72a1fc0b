// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroBundles
import HeroSystem

/// A new project.
struct ProjectTemplate {
    let flags: GenerateFlags

    /// - Parameter directory: Created when it does not exist; the working directory when `nil`.
    /// - Throws: ``CommandFailure`` when the directory holds more than what comes with an empty repository.
    func create(in directory: String?) throws {
        if let directory, directory.allSatisfy(\.isWhitespace) {
            let what = directory.isEmpty ? "empty" : "blank"
            throw CommandFailure("a project needs a name, which becomes that of its directory; this one is \(what)")
        }
        let target = directory ?? Project.workingDirectory
        try checkEmpty(target, isNamed: directory != nil)
        let layout = try InstallLayout.current()
        let source = "\(layout.templates)/project"
        let files = try DirectoryTree.files(below: "", in: source, suffix: "")
        guard !files.isEmpty else {
            throw CommandFailure("the templates are missing from \(layout.templates): install hero with make install")
        }
        let output = GeneratedFiles(root: target, isDryRun: flags.dryRun)
        try output.checkOwners(of: files.map { String($0.drop { $0 == "/" }) } + Self.folders)
        if !flags.dryRun { try FileContents.createDirectory(target) }
        let name = projectName(target)
        for path in files.map({ String($0.drop { $0 == "/" }) }) {
            try copy(path, from: source, to: output, name: name)
        }
        for folder in Self.folders {
            try output.createDirectory(folder)
        }
        guard !flags.dryRun else { return }
        Terminal.print(
            """

            \(name) is ready. Next:
            \(directory.map { "  cd \(Self.argument($0))\n" } ?? "")  hero build
              hero start
              curl http://localhost:8080/api/status
            """)
    }

    /// `cd` takes a name that begins with `-` for an option, and `-` alone for the directory before.
    private static func argument(_ directory: String) -> String {
        ShellWord.quoted(directory.hasPrefix("-") ? "./\(directory)" : directory)
    }

    /// Directories that are made empty; those of the template's files come with the files.
    private static let folders =
        BundleRole.ofBundles.filter(\.kind.isSupported).map(\.kind.directory) + ["log", "pids"]

    private func checkEmpty(_ target: String, isNamed: Bool) throws {
        if FileContents.exists(target), !FileContents.isDirectory(target) {
            throw CommandFailure("\(PlainText.line(target)) exists and is not a directory")
        }
        guard !flags.force else { return }
        // Version control and editors may have been there first.
        let present = try FileContents.list(target).filter { !$0.hasPrefix(".") && !isDocument($0, in: target) }
        guard present.isEmpty else {
            let which = isNamed ? "the directory \(PlainText.line(target))" : "this directory"
            let names = present.prefix(3).map(PlainText.line).joined(separator: ", ")
            throw CommandFailure(
                "\(which) is not empty (\(names)\(present.count > 3 ? ", …" : "")); "
                    + "`hero new NAME` makes a directory for a project, --force writes what is missing into this one")
        }
    }

    /// What a hosting service puts into a repository that it calls empty.
    private func isDocument(_ name: String, in target: String) -> Bool {
        let stem = name.prefix { $0 != "." && $0 != "-" }.uppercased()
        return Self.documents.contains(stem) && !FileContents.isDirectory("\(target)/\(name)")
    }

    private static let documents: Set<String> = [
        "AUTHORS", "CHANGELOG", "CODE_OF_CONDUCT", "CODEOWNERS", "CONTRIBUTING", "COPYING", "LICENCE", "LICENSE",
        "NOTICE", "README", "SECURITY",
    ]

    /// The directory's name as a server name: letters, digits and `_`.
    private func projectName(_ target: String) -> String {
        let full = target.hasPrefix("/") ? target : "\(Project.workingDirectory)/\(target)"
        let last = full.split(separator: "/").last.map(String.init) ?? ""
        let name = String(last.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.allSatisfy { $0 == "_" } ? "my_actionhero_project" : name
    }

    /// As YAML has text: in quotes where it would take the name for a number or a word of its own.
    private static func quoted(_ name: String) -> String {
        let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let isNumber = name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
        return isNumber || words.contains(name.lowercased()) ? "\"\(name)\"" : name
    }

    private func copy(_ path: String, from source: String, to output: GeneratedFiles, name: String) throws {
        // A file called .gitignore in the repository would be in force there.
        let destination = path == "gitignore" ? ".gitignore" : path
        let contents = try FileContents.read("\(source)/\(path)")
        if output.exists(destination) {
            let wanted = String(decoding: contents, as: UTF8.self).split(separator: "\n").joined(separator: " ")
            Terminal.print("kept file '\(destination)'\(path == "gitignore" ? "; it should have: \(wanted)" : "")")
            return
        }
        let isText = String(validating: contents, as: UTF8.self)
        let value = path.hasSuffix(".yml") ? Self.quoted(name) : name
        let filled = isText.map { Array(FileTemplate.fill($0, ["projectName": value]).utf8) } ?? contents
        try output.write(destination, filled)
    }
}
