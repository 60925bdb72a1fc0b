// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CYAML

/// Composes nodes from the events of libyaml.
struct YAMLParser {
    /// Bounds recursion and, with aliases, the size of what a small file can unfold to.
    private static let maximumDepth = 64
    private static let maximumNodes = 100_000

    private let file: String
    private var anchors: [String: YAMLNode] = [:]
    private var nodeCount = 0

    /// Reads one document.
    ///
    /// - Parameters:
    ///   - text: The file's bytes in UTF-8.
    ///   - file: Its name, for messages.
    /// - Returns: The document, or `nil` when the file holds nothing but comments.
    /// - Throws: ``YAMLError``.
    static func parse(_ text: [UInt8], file: String) throws -> YAMLNode? {
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
        nodeCount += 1
        if depth > Self.maximumDepth || nodeCount > Self.maximumNodes {
            throw YAMLError(file: file, line: event.line, reason: "values nest too deep or are too many")
        }
        let node: YAMLNode
        switch event.kind {
        case .scalar(let text, let isPlain):
            node = YAMLNode(content: .scalar(text, isPlain: isPlain), line: event.line)
        case .alias:
            guard let name = event.anchor, let target = anchors[name] else {
                throw YAMLError(file: file, line: event.line, reason: "the alias names no anchor above it")
            }
            return target
        case .sequenceStart: node = try sequence(event, events, depth: depth)
        case .mappingStart: node = try mapping(event, events, depth: depth)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLError(file: file, line: event.line, reason: "a value is missing")
        }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
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
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return YAMLNode(content: .mapping(members), line: start.line) }
            let key = try node(event, events, depth: depth + 1)
            guard let name = key.keyText else {
                throw YAMLError(file: file, line: key.line, reason: "a key must be text")
            }
            if let first = members.first(where: { $0.key.keyText == name }) {
                throw YAMLError(
                    file: file, line: key.line,
                    reason: "the key '\(name)' stands here again, first in line \(first.key.line)")
            }
            members.append((key, try node(try events.next(), events, depth: depth + 1)))
        }
    }
}

/// The event stream of one text.
final class YAMLEvents {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    struct Event {
        let kind: Kind
        let anchor: String?
        /// Counted from 1.
        let line: Int
    }

    private let file: String
    /// libyaml keeps a pointer into it until the parser is deleted.
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: [UInt8], file: String) throws {
        self.file = file
        text = .allocate(capacity: max(bytes.count, 1))
        _ = text.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(file: file, line: 1, reason: "out of memory")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    func next() throws -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, anchor: nil, line: line)
        case YAML_STREAM_END_EVENT: return Event(kind: .streamEnd, anchor: nil, line: line)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, anchor: nil, line: line)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, anchor: nil, line: line)
        case YAML_ALIAS_EVENT: return Event(kind: .alias, anchor: string(event.data.alias.anchor), line: line)
        case YAML_SCALAR_EVENT: return scalar(event.data.scalar, line: line)
        case YAML_SEQUENCE_START_EVENT:
            return Event(kind: .sequenceStart, anchor: string(event.data.sequence_start.anchor), line: line)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, anchor: nil, line: line)
        case YAML_MAPPING_START_EVENT:
            return Event(kind: .mappingStart, anchor: string(event.data.mapping_start.anchor), line: line)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, anchor: nil, line: line)
        default: throw YAMLError(file: file, line: line, reason: "unexpected content")
        }
    }

    private typealias Scalar = yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar

    private func scalar(_ scalar: Scalar, line: Int) -> Event {
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let kind = Kind.scalar(
            String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return Event(kind: kind, anchor: string(scalar.anchor), line: line)
    }

    private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    private var failure: YAMLError {
        let line = Int(max(parser.pointee.problem_mark.line, parser.pointee.context_mark.line)) + 1
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        return YAMLError(file: file, line: line, reason: reason)
    }
}
