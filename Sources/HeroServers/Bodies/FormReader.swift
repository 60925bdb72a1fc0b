// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore

/// Collects the fields and files of one form, within the limits.
///
/// Used on one event loop.
final class FormReader {
    private enum Part {
        case none
        case field(MultipartPartHead, ByteBuffer)
        /// - file: `nil` where nobody wants it.
        case file(MultipartPartHead, SpooledFile?, size: Int)
    }

    private let options: FormOptions
    private let writer: UploadWriter
    /// Whether an action will get the files.
    private let keepsFiles: Bool
    private var parser: MultipartParser?
    private var part = Part.none
    private var fields: [(head: MultipartPartHead, bytes: ByteBuffer)] = []
    private var files: [(head: MultipartPartHead, file: SpooledFile?)] = []
    private(set) var fieldsBytes = 0
    private var filesBytes = 0

    /// - Parameters:
    ///   - parser: `nil` for a body that is one file.
    ///   - options: The limits.
    ///   - writer: Where files go.
    ///   - keepsFiles: Whether anybody wants them.
    init(_ parser: MultipartParser?, _ options: FormOptions, _ writer: UploadWriter, keepsFiles: Bool) {
        self.parser = parser
        self.options = options
        self.writer = writer
        self.keepsFiles = keepsFiles
    }

    // MARK: A form

    /// - Throws: ``HTTPFault``; afterwards the reader must not be used again.
    func take(_ bytes: ByteBuffer) throws(HTTPFault) {
        guard parser != nil else { return try takeContent(bytes) }
        parser?.append(bytes)
        while let event = try parser?.next() {
            switch event {
            case .needsMoreData: return
            case .part(let head): try begin(head)
            case .data(let bytes): try takeContent(bytes)
            case .partEnd: endPart()
            case .end: break
            }
        }
    }

    /// All bytes have come.
    ///
    /// - Throws: ``HTTPFault`` when the form is not complete.
    func end() throws(HTTPFault) {
        guard let parser else { return endPart() }
        guard parser.isComplete else { throw .badRequest("the form ends before its last boundary") }
    }

    // MARK: Parts

    /// - Throws: ``HTTPFault`` with status 413.
    func begin(_ head: MultipartPartHead) throws(HTTPFault) {
        if head.isFile {
            guard files.count < options.maxFiles else {
                throw .formTooLarge("there are more than \(options.maxFiles) files", "maxFiles")
            }
            // Nothing was chosen, as long as nothing comes.
            let isChosen = head.fileName != ""
            part = .file(
                head, keepsFiles && isChosen ? writer.begin(originalName: head.fileName) : nil, size: 0)
        } else {
            guard fields.count < options.maxFields else {
                throw .formTooLarge("there are more than \(options.maxFields) fields", "maxFields")
            }
            try addToFields(head.name.utf8.count)
            part = .field(head, ByteBuffer())
        }
    }

    private func takeContent(_ bytes: ByteBuffer) throws(HTTPFault) {
        switch part {
        case .none: break
        case .field(let head, var content):
            guard content.readableBytes + bytes.readableBytes <= options.maxFieldSize else {
                throw .formTooLarge("the field \(head.name) is too large", "maxFieldSize")
            }
            try addToFields(bytes.readableBytes)
            // Otherwise the bytes would be shared, and all of them copied for each piece.
            part = .none
            content.writeImmutableBuffer(bytes)
            part = .field(head, content)
        case .file(let head, var file, let size):
            let total = size + bytes.readableBytes
            guard total <= options.maxFileSize else {
                throw .formTooLarge("the file \(head.name) is too large", "maxFileSize")
            }
            filesBytes += bytes.readableBytes
            guard filesBytes <= options.maxTotalFileSize else {
                throw .formTooLarge("the files are too large together", "maxTotalFileSize")
            }
            if file == nil, keepsFiles { file = writer.begin(originalName: head.fileName) }
            if let file { writer.write(bytes, to: file) }
            part = .file(head, file, size: total)
        }
    }

    private func addToFields(_ count: Int) throws(HTTPFault) {
        fieldsBytes += count
        guard fieldsBytes <= options.maxFieldsSize else {
            throw .formTooLarge("the fields are too large together", "maxFieldsSize")
        }
    }

    private func endPart() {
        switch part {
        case .none: break
        case .field(let head, let content): fields.append((head, content))
        case .file(let head, let file, _):
            if let file { writer.finish(file) }
            files.append((head, file))
        }
        part = .none
    }

    // MARK: Result

    /// The fields by name, as text.
    ///
    /// - Returns: Of several with one name the last, or all in a list with `multiples`.
    /// - Throws: ``HTTPFault`` with status 415 for text in an encoding that is not understood.
    func fieldValues() throws(HTTPFault) -> JSON.Object {
        let common = fields.first { $0.head.name == "_charset_" }
            .map { String(decoding: $0.bytes.readableBytesView, as: UTF8.self) }
        var values = JSON.Object()
        for (head, bytes) in fields {
            let name = head.charset ?? common ?? "utf-8"
            guard let charset = FormCharset(name) else { throw .unknownCharset(name) }
            values.add(.string(charset.decode(bytes.readableBytesView)), named: head.name, options)
        }
        return values
    }

    /// The files by name, to be asked for when everything is on the disk.
    func fileValues() -> JSON.Object {
        var values = JSON.Object()
        for (head, file) in files {
            guard let upload = file.flatMap({ writer.files.publish($0, head) }) else { continue }
            values.add(upload.json, named: head.name, options)
        }
        return values
    }
}

extension JSON.Object {
    /// Adds a value of a form.
    mutating func add(_ value: JSON, named name: String, _ options: FormOptions) {
        guard options.multiples, let known = self[name] else {
            self[name] = value
            return
        }
        if case .array(let values) = known {
            self[name] = .array(values + [value])
        } else {
            self[name] = [known, value]
        }
    }
}

extension HTTPFault {
    static func formTooLarge(_ what: String, _ option: String) -> HTTPFault {
        HTTPFault(status: 413, reason: "\(what) (web.formOptions.\(option))")
    }

    static func unknownCharset(_ name: String) -> HTTPFault {
        HTTPFault(status: 415, reason: "text in \(name) cannot be read; send it in UTF-8")
    }
}
