// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Finds public files.
///
/// Looking them up touches the disk and so happens on threads of its own.
struct StaticFileServer: Sendable {
    /// Absolute paths, tried in this order.
    let directories: [String]
    let indexFile: String
    /// Whether compressed siblings are looked for.
    let looksForCompressed: Bool
    /// Whether names that begin with a dot are found.
    let findsHidden: Bool
    let types: MediaTypes
    let threadPool: NIOThreadPool
    /// Lays out the headers that all responses with a file have.
    let layOut: @Sendable ([(name: String, value: String)]) -> UsualHeaders
    let options: FilePlan.Options

    typealias Result = Swift.Result<FoundFile, FileFault>

    /// - Parameters:
    ///   - name: What to look for.
    ///   - previous: What was found before.
    ///   - eventLoop: Where the future completes.
    /// - Returns: The open file, or why there is none. The future does not fail.
    func find(_ name: FileName, previous: FoundFile?, on eventLoop: any EventLoop) -> EventLoopFuture<Result> {
        threadPool.runIfActive(eventLoop: eventLoop) { look(for: name, previous) }
            // The threads have been stopped; that says nothing about the file.
            .recover { _ in .failure(.unreadable(errno: ECANCELED)) }
    }

    private func look(for name: FileName, _ previous: FoundFile?) -> Result {
        if !findsHidden, name.isHidden { return .failure(.missing) }
        for directory in name.directory.map({ [$0] }) ?? directories {
            do throws(FileFault) {
                return .success(try find(name, in: directory, previous))
            } catch {
                if error != .missing { return .failure(error) }
            }
        }
        return .failure(.missing)
    }

    private func find(_ name: FileName, in directory: String, _ previous: FoundFile?) throws(FileFault) -> FoundFile {
        let root = try FileRoot(directory)
        for path in [name.path, name.path.isEmpty ? indexFile : "\(name.path)/\(indexFile)"] where !path.isEmpty {
            do throws(FileFault) {
                return try open(path, in: directory, root, previous)
            } catch {
                if error != .missing { throw error }
            }
        }
        throw .missing
    }

    private func open(
        _ path: String, in directory: String, _ root: borrowing FileRoot, _ previous: FoundFile?
    ) throws(FileFault) -> FoundFile {
        let file = try OpenedFile(
            root.open(path, findsHidden: findsHidden), path: "\(directory)/\(path)", previous: previous?.plain.file)
        let compressed = looksForCompressed ? compressed(path, in: directory, root, file, previous) : []
        if let previous, previous.isSame(file, compressed) { return previous }
        let contentType = types.type(ofPath: path)
        return FoundFile(file, compressed, contentType: contentType) { lastModified in
            layOut(options.headers(contentType: contentType, lastModified: lastModified))
        }
    }

    private func compressed(
        _ path: String, in directory: String, _ root: borrowing FileRoot, _ original: OpenedFile, _ previous: FoundFile?
    ) -> [(FileEncoding, OpenedFile)] {
        guard !FileEncoding.allCases.contains(where: { path.hasSuffix($0.suffix) }) else { return [] }
        var found: [(FileEncoding, OpenedFile)] = []
        for encoding in FileEncoding.allCases {
            let sibling = path + encoding.suffix
            let known = previous?.compressed.first { $0.encoding == encoding }?.file
            guard let opened = try? root.open(sibling, findsHidden: findsHidden),
                let file = try? OpenedFile(opened, path: "\(directory)/\(sibling)", previous: known)
            else { continue }
            // One that is older was made from what the file used to be.
            guard file.identity.modifiedMilliseconds >= original.identity.modifiedMilliseconds else { continue }
            found.append((encoding, file))
        }
        return found
    }

    /// Resolves `.` and `..` without touching the disk.
    ///
    /// - Returns: `nil` for a path that would leave the directory.
    static func normalized(_ path: String) -> String? {
        guard !path.utf8.contains(0) else { return nil }
        var parts: [Substring] = []
        // By bytes, as the system does: a slash with an accent behind it is one character to Swift, and no slash.
        for part in path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) {
            switch part {
            case ".": continue
            case "..": if parts.popLast() == nil { return nil }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }
}

extension FoundFile {
    /// Whether another look has found the same.
    fileprivate func isSame(_ file: OpenedFile, _ others: [(FileEncoding, OpenedFile)]) -> Bool {
        plain.file.path.isSame(as: file.path) && plain.file.identity == file.identity
            && compressed.count == others.count
            && zip(compressed, others).allSatisfy { $0.encoding == $1.0 && $0.file.identity == $1.1.identity }
    }
}
