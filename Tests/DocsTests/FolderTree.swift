// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// The folders of one target, and which of them names types of which other, as far as lines tell.
///
/// Members have no arrows: who uses one names the type somewhere, or was handed a value by one who does.
struct FolderTree {
    /// A type of one folder in a file of another.
    struct Arrow: Hashable {
        let from: String
        let to: String
        let type: String
        let file: String
    }

    /// All that have a file.
    ///
    /// Files that lie in no folder are in the one called `.`.
    let folders: Set<String>
    let arrows: Set<Arrow>

    /// Reads a target.
    ///
    /// - Parameter target: A directory of `Sources`.
    /// - Throws: When it cannot be read.
    init(_ target: String) throws {
        let root = "\(Stage.repository)/Sources/\(target)"
        var files: [(path: String, folder: String, code: [Substring])] = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            let parts = path.split(separator: "/")
            files.append((path, parts.count > 1 ? String(parts[0]) : ".", Self.code(of: text)))
        }
        self.init(files)
    }

    /// - Parameter files: Their paths, folders and lines of code.
    init(_ files: [(path: String, folder: String, code: [Substring])]) {
        folders = Set(files.map(\.folder))
        var homes: [Substring: Set<String>] = [:]
        for file in files {
            for line in file.code { if let type = Self.type(in: line) { homes[type, default: []].insert(file.folder) } }
        }
        var arrows: Set<Arrow> = []
        for file in files {
            for word in Set(file.code.flatMap(Self.words(of:))) {
                // What two folders have is private to both, or they would not compile.
                guard let home = homes[word], home.count == 1, let to = home.first, to != file.folder else { continue }
                arrows.insert(Arrow(from: file.folder, to: to, type: String(word), file: file.path))
            }
        }
        self.arrows = arrows
    }

    /// Arrows that lead from a folder to a later one.
    ///
    /// - Parameter order: Each may use those before it.
    /// - Returns: In the order of files.
    func pointingBack(in order: [String]) -> [Arrow] {
        let places = Dictionary(zip(order, order.indices)) { first, _ in first }
        return arrows.filter { places[$0.to, default: 0] > places[$0.from, default: .max] }
            .sorted { ($0.file, $0.type) < ($1.file, $1.type) }
    }

    // MARK: Lines

    /// Lines without comments and texts.
    static func code(of text: String) -> [Substring] {
        var isText = false
        return text.split(separator: "\n").compactMap { line in
            let quotes = line.ranges(of: "\"\"\"").count
            defer { if quotes % 2 == 1 { isText.toggle() } }
            guard !isText, !line.drop(while: { $0 == " " }).hasPrefix("//") else { return nil }
            // Of a text every second part; what is behind an escaped quote may be taken for code, and names no type.
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count > 2 else { return line }
            return Substring(stride(from: 0, to: parts.count, by: 2).map { parts[$0] }.joined(separator: " "))
        }
    }

    /// The type that a line without an indentation declares for other files.
    private static func type(in line: Substring) -> Substring? {
        guard line.first != " " else { return nil }
        let words = line.split(separator: " ")
        guard !words.contains(where: { $0 == "private" || $0 == "fileprivate" }) else { return nil }
        let kinds: Set<Substring> = ["class", "struct", "enum", "protocol", "actor", "typealias"]
        guard let place = words.firstIndex(where: kinds.contains), place + 1 < words.count else { return nil }
        return Self.words(of: words[place + 1]).first
    }

    private static func words(of line: Substring) -> [Substring] {
        line.split { !($0 == "_" || $0.isLetter || $0.isNumber) }
    }
}
