// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport

/// Takes a file or several, and answers what it got.
struct TakeFiles: Action {
    @Input("One file") var file: UploadedFile?
    @Input("Files") var files: [UploadedFile] = []
    @Input("Text") var text: JSON?
    @Input("Where to put the file") var destination: String?

    struct Output: Encodable {
        struct File: Encodable {
            let field: String
            let name: String?
            let type: String?
            let size: Int
            let hash: String?
            let path: String
            let mode: Int
            let text: String?
        }

        let file: File?
        let files: [File]
        let text: JSON?
        let all: [String]
        let body: JSON?
    }

    func run(_ context: Context) async throws -> Output {
        let described = try await file.asyncMap(describe)
        var list: [Output.File] = []
        for file in files { list.append(try await describe(file)) }
        if let destination { try await file?.move(to: destination) }
        let request = context.connection.request
        return Output(
            file: described, files: list, text: text, all: request?.files.map(\.fieldName) ?? [], body: request?.body)
    }

    private func describe(_ file: UploadedFile) async throws -> Output.File {
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        return Output.File(
            field: file.fieldName, name: file.originalName, type: file.contentType, size: file.size, hash: file.hash,
            path: file.path, mode: mode ?? 0,
            text: file.size < 100 ? String(decoding: try await file.contents(), as: UTF8.self) : nil)
    }
}

extension Optional {
    fileprivate func asyncMap<T>(_ body: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await body(self)
    }
}

/// A form with files and fields, as clients send them.
struct TestForm {
    private(set) var bytes: [UInt8] = []
    static let type = "multipart/form-data; boundary=X"

    /// The form with one more part, which is a file when the client has a name for it.
    func adding(
        _ name: String, _ content: String, file: String? = nil, type: String? = nil
    ) -> TestForm {
        var form = self
        var head = "--X\r\nContent-Disposition: form-data; name=\"\(name)\""
        if let file { head += "; filename=\"\(file)\"" }
        if let type { head += "\r\nContent-Type: \(type)" }
        form.bytes += Array("\(head)\r\n\r\n\(content)\r\n".utf8)
        return form
    }

    var text: String { String(decoding: bytes, as: UTF8.self) + "--X--\r\n" }
}

extension TestProject {
    /// Files that are on the disk for requests.
    var uploads: [String] {
        let root = path("tmp/uploads")
        let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.contains("/") }
    }

    /// Waits until no upload is left, which happens on a thread behind the answer.
    func uploadsAreGone() async {
        while !uploads.isEmpty { await Task.yield() }
    }
}

extension WebProcess {
    func post(
        _ form: TestForm, to target: String = "/api/takeFiles", headers: [(String, String)] = []
    ) async throws -> HTTPResponse {
        try await request(
            target, method: "POST", headers: [("Content-Type", TestForm.type)] + headers, body: form.text)
    }

    /// Sends bytes with the headers, and a second request on the same connection.
    func post(_ body: [UInt8], _ headers: String, to target: String = "/api/takeFiles") async throws -> HTTPResponse {
        let connection = try connect()
        let head = "POST \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\nContent-Length: \(body.count)\r\n\r\n"
        try await connection.send(Array(head.utf8) + body)
        return try await connection.response()
    }
}
