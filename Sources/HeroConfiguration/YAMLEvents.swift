// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CYAML

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
        /// The tag that the value is marked with, in full: `tag:yaml.org,2002:str`.
        var tag: String?
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
            return Event(
                kind: .sequenceStart, anchor: string(event.data.sequence_start.anchor), line: line,
                tag: string(event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, anchor: nil, line: line)
        case YAML_MAPPING_START_EVENT:
            return Event(
                kind: .mappingStart, anchor: string(event.data.mapping_start.anchor), line: line,
                tag: string(event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, anchor: nil, line: line)
        default: throw YAMLError(file: file, line: line, reason: "unexpected content")
        }
    }

    private typealias Scalar = yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar

    private func scalar(_ scalar: Scalar, line: Int) -> Event {
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let kind = Kind.scalar(
            String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return Event(kind: kind, anchor: string(scalar.anchor), line: line, tag: string(scalar.tag))
    }

    private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    private var failure: YAMLError {
        var line = Int(max(parser.pointee.problem_mark.line, parser.pointee.context_mark.line)) + 1
        if parser.pointee.error == YAML_READER_ERROR {
            // Of bytes that are no text libyaml knows the place only, and reads ahead.
            line = text.prefix(parser.pointee.problem_offset).count { $0 == UInt8(ascii: "\n") } + 1
        }
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        return YAMLError(file: file, line: line, reason: reason)
    }
}
