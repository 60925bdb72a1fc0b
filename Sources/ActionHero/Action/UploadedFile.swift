// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Synchronization

/// A file that a client has sent, in a temporary place until the request is over.
///
/// Declare an input of this type; a list takes several files of one field:
///
///     @Input("A picture") var picture: UploadedFile
///     @Input("More of them") var others: [UploadedFile] = []
///
/// The server has written the file before the action starts, and removes it when the request is over, whatever became
/// of it: ``move(to:)`` what is to be kept. Nothing but an upload makes such a value, so a client cannot name a file of
/// the server's: the same parameter taken as ``JSON`` is what the client claims.
public struct UploadedFile: Sendable {
    private let record: Record

    package init(_ record: Record) { self.record = record }

    /// Stands for a file that is there already, for tests of actions that take uploads.
    ///
    /// `try JSON(file)` is what such an action takes as a parameter, as long as the value exists. The file is never
    /// removed.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - originalName: The name that the client gave it.
    ///   - contentType: The type that the client gave it.
    /// - Throws: An error when there is no such file.
    public init(path: String, originalName: String? = nil, contentType: String? = nil) throws {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        self.init(
            Record(
                fieldName: "", path: path, name: path.split(separator: "/").last.map(String.init) ?? path,
                size: size ?? 0, originalName: originalName, contentType: contentType, modified: nil, hash: nil,
                threads: nil))
    }

    /// Where the file is, as long as the request lasts.
    public var path: String { record.path }

    /// Its size in bytes.
    public var size: Int { record.size }

    /// The field of the form that it came with; `file` when it was the whole body.
    public var fieldName: String { record.fieldName }

    /// The name that the client gave it, without directories; `nil` when it gave none.
    ///
    /// Anything may stand in it: do not make a path of it.
    public var originalName: String? { record.originalName }

    /// The type that the client gave it, for example `image/png`; `nil` when it gave none.
    ///
    /// The client's word: it need not be true.
    public var contentType: String? { record.contentType }

    /// Digest of its content in hexadecimal digits; `nil` unless `web.formOptions.hashAlgorithm` is set.
    public var hash: String? { record.hash }

    /// Moves the file to where it stays.
    ///
    /// Within a file system that is done at once; to another one the content is copied. It keeps its permissions: only
    /// the server's user can read it.
    ///
    /// - Parameter destination: The new path; its directory has to exist.
    /// - Throws: An error when something is at the destination already, or when the file cannot be moved.
    public func move(to destination: String) async throws {
        let path = path
        try await record.run { try FileManager.default.moveItem(atPath: path, toPath: destination) }
    }

    /// Reads the whole file into memory.
    ///
    /// - Returns: Its bytes; look at ``size`` before.
    /// - Throws: An error when the file cannot be read.
    public func contents() async throws -> [UInt8] {
        let path = path
        return try await record.run { [UInt8](try Data(contentsOf: URL(filePath: path))) }
    }
}

extension UploadedFile: Codable {
    /// Takes the upload that a parameter stands for.
    ///
    /// - Throws: `DecodingError` when the parameter is anything but an upload of a request that is still going on.
    public init(from decoder: any Decoder) throws {
        let value = try (decoder as? JSONDecoding)?.value ?? JSON(from: decoder)
        guard let file = UploadedFile(standingFor: value) else {
            throw DecodingError.typeMismatch(
                UploadedFile.self, .init(codingPath: decoder.codingPath, debugDescription: "must be an uploaded file"))
        }
        self = file
    }

    /// Writes what actions see among their parameters: size, path, names, type and time.
    public func encode(to encoder: any Encoder) throws { try record.json.encode(to: encoder) }

    /// The upload that a parameter stands for; `nil` for anything else that a client may send.
    init?(standingFor value: JSON) {
        guard case .object(let members) = value, case .string(let path)? = members["filepath"],
            let record = Record.find(path)
        else { return nil }
        self.init(record)
    }

    package var json: JSON { record.json }
}

extension UploadedFile {
    /// Runs what blocks.
    package protocol Threads: Sendable {
        func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T
    }

    /// What is known of one upload.
    ///
    /// A parameter stands for it while it exists, which is how uploads are told from what clients make up.
    package final class Record: Sendable {
        private struct Reference {
            weak var record: Record?
        }

        private static let known = Mutex<[String: Reference]>([:])

        package let fieldName: String
        package let path: String
        /// The last part of the path.
        let name: String
        package let size: Int
        let originalName: String?
        let contentType: String?
        /// ISO 8601.
        let modified: String?
        let hash: String?
        private let threads: (any Threads)?

        package init(
            fieldName: String, path: String, name: String, size: Int, originalName: String?, contentType: String?,
            modified: String?, hash: String?, threads: (any Threads)?
        ) {
            self.fieldName = fieldName
            self.path = path
            self.name = name
            self.size = size
            self.originalName = originalName
            self.contentType = contentType
            self.modified = modified
            self.hash = hash
            self.threads = threads
            let reference = Reference(record: self)
            Self.known.withLock { $0[path] = reference }
        }

        deinit {
            Self.known.withLock { known in
                // Another one may have been made for the same path meanwhile.
                if known[path]?.record == nil { known[path] = nil }
            }
        }

        static func find(_ path: String) -> Record? { known.withLock { $0[path]?.record } }

        func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
            if let threads { return try await threads.run(work) }
            return try work()
        }

        /// The members, named and ordered as the reference has them.
        var json: JSON {
            var members: JSON.Object = [
                "size": .integer(size), "filepath": .string(path), "newFilename": .string(name),
            ]
            if let contentType { members["mimetype"] = .string(contentType) }
            if let modified { members["mtime"] = .string(modified) }
            if let originalName { members["originalFilename"] = .string(originalName) }
            if let hash { members["hash"] = .string(hash) }
            return .object(members)
        }
    }
}
