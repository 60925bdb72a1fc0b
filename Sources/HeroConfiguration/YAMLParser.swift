// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Composes nodes from the events of libyaml.
///
/// Beyond plain YAML it knows aliases and merge keys (`<<: *default`), each of which costs what it unfolds to.
package struct YAMLParser {
    /// What one file may unfold to: aliases multiply, so a few lines could ask for more than there is.
    private enum Limit {
        /// Also bounds the recursion of all who walk over the nodes.
        static let depth = 64
        static let nodes = 100_000
        static let textBytes = 16 << 20
    }

    /// Larger files are not read.
    package static let maximumFileBytes = 4 << 20

    /// A value that aliases may repeat, with what each of them costs.
    private struct Anchored {
        let node: YAMLNode
        let nodes: Int
        let textBytes: Int
        /// How many levels are below it.
        let height: Int
    }

    private let file: String
    private var anchors: [ByteKey: Anchored] = [:]
    private var nodeCount = 0
    private var textBytes = 0
    /// The deepest level that was reached since somebody last set it.
    private var deepest = 0

    /// Reads one document.
    ///
    /// - Parameters:
    ///   - text: The file's bytes in UTF-8.
    ///   - file: Its name, for messages.
    /// - Returns: The document, or `nil` when the file holds nothing but comments.
    /// - Throws: ``YAMLError``.
    package static func parse(_ text: [UInt8], file: String) throws -> YAMLNode? {
        let events = try YAMLEvents(text, file: file)
        var parser = YAMLParser(file: file)
        return try parser.document(events)
    }

    private init(file: String) {
        self.file = file
    }

    private mutating func document(_ events: YAMLEvents) throws -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return root
            case .documentStart where root != nil:
                throw YAMLError(file: file, line: event.line, reason: "a second document begins; one is allowed")
            case .streamStart, .documentStart, .documentEnd: continue
            default: root = try node(event, events, depth: 0)
            }
        }
    }

    private mutating func node(_ event: YAMLEvents.Event, _ events: YAMLEvents, depth: Int) throws -> YAMLNode {
        if case .alias = event.kind { return try target(of: event, depth: depth) }
        let (nodesBefore, bytesBefore, outerDeepest) = (nodeCount, textBytes, deepest)
        deepest = depth
        try spend(nodes: 1, textBytes: 0, depth: depth, line: event.line)
        let node: YAMLNode
        switch event.kind {
        case .scalar(let text, let isPlain):
            try spend(nodes: 0, textBytes: text.utf8.count, depth: depth, line: event.line)
            node = try scalar(event, text, isPlain: isPlain)
        case .sequenceStart:
            if let tag = event.tag, !YAMLTag.isUsual(tag, for: "seq") { throw unknown(tag, event) }
            node = try sequence(event, events, depth: depth)
        case .mappingStart:
            if let tag = event.tag, !YAMLTag.isUsual(tag, for: "map") { throw unknown(tag, event) }
            node = try mapping(event, events, depth: depth)
        case .alias, .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLError(file: file, line: event.line, reason: "a value is missing")
        }
        if let anchor = event.anchor {
            anchors[ByteKey(anchor)] = Anchored(
                node: node, nodes: nodeCount - nodesBefore, textBytes: textBytes - bytesBefore,
                height: deepest - depth)
        }
        deepest = max(deepest, outerDeepest)
        return node
    }

    /// What an alias stands for, paid for as if it were written out.
    private mutating func target(of alias: YAMLEvents.Event, depth: Int) throws -> YAMLNode {
        guard let name = alias.anchor, let target = anchors[ByteKey(name)] else {
            throw YAMLError(file: file, line: alias.line, reason: "the alias names no anchor above it")
        }
        try spend(
            nodes: target.nodes, textBytes: target.textBytes, depth: depth + target.height, line: alias.line)
        deepest = max(deepest, depth + target.height)
        return target.node
    }

    private mutating func spend(nodes: Int, textBytes bytes: Int, depth: Int, line: Int) throws {
        nodeCount += nodes
        textBytes += bytes
        deepest = max(deepest, depth)
        let reason: String? =
            if depth > Limit.depth {
                "values nest deeper than \(Limit.depth) levels"
            } else if nodeCount > Limit.nodes {
                "there are more than \(Limit.nodes) values, those that aliases repeat included"
            } else if textBytes > Limit.textBytes {
                "there are more than \(Limit.textBytes) bytes of text, those that aliases repeat included"
            } else {
                nil
            }
        if let reason { throw YAMLError(file: file, line: line, reason: reason) }
    }

    private func scalar(_ event: YAMLEvents.Event, _ text: String, isPlain: Bool) throws -> YAMLNode {
        guard let name = event.tag else {
            return YAMLNode(content: .scalar(text, isPlain: isPlain), line: event.line)
        }
        guard let tag = YAMLTag(scalar: name) else { throw unknown(name, event) }
        return YAMLNode(content: .scalar(text, isPlain: isPlain && tag != .text), line: event.line, tag: tag)
    }

    private func unknown(_ tag: String, _ event: YAMLEvents.Event) -> YAMLError {
        YAMLError(
            file: file, line: event.line,
            reason: "the tag \(tag) is not understood here; !!str, !!int, !!float, !!bool and !!null are")
    }

    private mutating func sequence(_ start: YAMLEvents.Event, _ events: YAMLEvents, depth: Int) throws -> YAMLNode {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return YAMLNode(content: .sequence(elements), line: start.line) }
            elements.append(try node(event, events, depth: depth + 1))
        }
    }

    private mutating func mapping(_ start: YAMLEvents.Event, _ events: YAMLEvents, depth: Int) throws -> YAMLNode {
        var members = YAMLMembers(file: file)
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind {
                return YAMLNode(content: .mapping(members.all), line: start.line)
            }
            let key = try node(event, events, depth: depth + 1)
            let value = try node(try events.next(), events, depth: depth + 1)
            if key.isMergeKey { try members.merge(value, key: key) } else { try members.add(key, value) }
        }
    }
}
