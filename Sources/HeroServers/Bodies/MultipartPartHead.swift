// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroSystem

/// What the headers of one part of a form say (RFC 7578).
struct MultipartPartHead: Equatable {
    /// The field.
    let name: String
    /// What the client calls the file, without directories; `nil` without a name, empty when nothing was chosen.
    let fileName: String?
    /// The type as the client wrote it; `nil` when it wrote none.
    let contentType: String?
    let charset: String?

    /// Whether the part is a file and no text.
    let isFile: Bool

    /// Describes a body that is a file and no form.
    ///
    /// - Parameters:
    ///   - contentType: The body's.
    ///   - fileName: What the client calls it; `nil` without a name.
    init(wholeBody contentType: String, fileName: String?) {
        name = "file"
        self.fileName = fileName.map(Self.lastComponent)
        self.contentType = contentType
        charset = nil
        isFile = true
    }

    /// - Parameter fields: Names in small letters.
    /// - Throws: ``HTTPFault`` with status 400 or 415.
    init(_ fields: [(name: String, value: String)]) throws(HTTPFault) {
        func value(_ name: String) throws(HTTPFault) -> String? {
            let values = fields.filter { $0.name == name }
            guard values.count < 2 else { throw .badRequest("a part of the form has the header \(name) twice") }
            return values.first?.value
        }
        guard let text = try value("content-disposition"), let disposition = ParameterizedValue(text),
            disposition.value == "form-data"
        else { throw .badRequest("a part of the form does not say which field it is") }
        guard let name = disposition["name"] else { throw .badRequest("a part of the form has no name") }
        self.name = Self.unescaped(name)
        let extended = disposition["filename*"]
        // The plain name is there for those who cannot read the other one; without either the part is a file nevertheless.
        let given = extended.flatMap(Self.extended) ?? disposition["filename"].map(Self.unescaped)
        fileName = (given ?? extended.map { _ in "" }).map(Self.lastComponent)
        let type = try value("content-type")
        let parsed = type.flatMap { ParameterizedValue($0) }
        contentType = parsed?.value
        charset = parsed?["charset"]
        isFile = fileName != nil || contentType == "application/octet-stream"
        if let coding = try value("content-transfer-encoding"),
            !["7bit", "8bit", "binary"].contains(coding.lowercased())
        {
            throw HTTPFault(status: 415, reason: "a part of the form in \(coding) cannot be read; send it as it is")
        }
    }

    /// Browsers escape what would end the name, and nothing else (WHATWG, multipart/form-data encoding).
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            let escape = String(decoding: rest.prefix(3), as: UTF8.self).uppercased()
            if let meant = ["%22": UInt8(ascii: "\""), "%0D": 0x0D, "%0A": 0x0A][escape] {
                result.append(meant)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `UTF-8'en'na%C3%AFve.txt` (RFC 8187); `nil` for what cannot be read.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let charset = FormCharset(String(parts[0])),
            let bytes = PercentEncoding.bytes(parts[2].utf8)
        else { return nil }
        switch charset {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .latin1: return charset.decode(bytes)
        }
    }

    /// Some clients send whole paths, of Windows too.
    private static func lastComponent(_ path: String) -> String {
        let name = path.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
        return name == "." || name == ".." ? "" : name
    }
}
