// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroLog
internal import HeroRuntime
internal import NIOCore
internal import NIOPosix

/// Writes the uploads of one request on threads of their own, in the order in which they come.
///
/// Used on one event loop.
final class UploadWriter {
    private enum Step: Sendable {
        case create(SpooledFile)
        case write(SpooledFile, ByteBuffer)
        case finish(SpooledFile)
    }

    private enum Turn { case none, awaited, taken }

    /// Bytes that wait in memory before a file is opened for them.
    private static let bytesInMemory = 16_384

    let files: RequestFiles
    private let spool: UploadSpool
    private let eventLoop: any EventLoop
    private var waiting: [Step] = []
    private var isWriting = false
    /// Bytes that have come and are not on the disk.
    private(set) var pendingBytes = 0
    /// Why nothing is written any more.
    private(set) var failure: HTTPFault?
    private let turns: UploadTurns
    private let client: UploadTurns.Client
    private var turn = Turn.none
    /// Files that have been begun and not finished: one at most, as forms have one part after the other.
    private var unfinished = 0
    /// Called after each piece of work.
    var onProgress: () -> Void = {}

    /// - Parameters:
    ///   - spool: Where the files go.
    ///   - eventLoop: The one on which this is used.
    ///   - turns: That loop's.
    ///   - client: Whose upload it is.
    init(
        _ spool: UploadSpool, _ eventLoop: any EventLoop, _ turns: UploadTurns, _ client: UploadTurns.Client
    ) {
        self.spool = spool
        self.eventLoop = eventLoop
        self.turns = turns
        self.client = client
        files = RequestFiles(spool)
    }

    deinit {
        if turn == .taken { turns.giveBack(client) }
    }

    /// Whether it has to wait until others have closed their files.
    var awaitsTurn: Bool { turn == .awaited }
    /// Whether it may have a file open, so that it must not wait for those that may not.
    var hasTurn: Bool { turn == .taken }

    /// Others have closed theirs.
    func turnCame() {
        turn = .taken
        start()
        returnsTurn()
    }

    /// With nothing to be written and no file that is open, the turn is for others.
    private func returnsTurn() {
        guard turn == .taken, !isWriting, unfinished == 0 else { return }
        turn = .none
        turns.giveBack(client)
    }

    /// Whether everything that came is on the disk.
    var isIdle: Bool { !isWriting && waiting.isEmpty }

    /// - Parameter originalName: Of the client, for the extension only.
    /// - Returns: The file to write to.
    func begin(originalName: String?) -> SpooledFile {
        let suffix = spool.options.keepExtensions ? Self.suffix(of: originalName ?? "") : ""
        let file = SpooledFile(suffix: suffix, spool.options.hashAlgorithm)
        files.add(file)
        unfinished += 1
        add(.create(file))
        return file
    }

    func write(_ bytes: ByteBuffer, to file: SpooledFile) {
        pendingBytes += bytes.readableBytes
        add(.write(file, bytes))
    }

    func finish(_ file: SpooledFile) {
        unfinished -= 1
        add(.finish(file))
    }

    /// Letters and digits are kept, so that nothing a client writes has a meaning in a path.
    private static func suffix(of name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "" }
        let text = name[name.index(after: dot)...]
        guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy(isAlphanumeric) else { return "" }
        return ".\(text)"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }

    private func add(_ step: Step) {
        guard failure == nil else { return }
        waiting.append(step)
        start()
    }

    /// Whether what waits may be written now.
    private var mayWrite: Bool {
        // What is whole is opened, written and closed in one go.
        if turn == .taken || unfinished == 0 { return true }
        guard turn == .none, pendingBytes > Self.bytesInMemory else { return false }
        turn = turns.takes(self, client) ? .taken : .awaited
        return turn == .taken
    }

    private func start() {
        guard !isWriting, failure == nil, !waiting.isEmpty, mayWrite else { return }
        isWriting = true
        let steps = waiting
        waiting = []
        // The files are kept until nobody writes to them any more; otherwise one could be made behind its removal.
        let (directory, files) = (spool.directory, files)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        spool.threadPool.runIfActive(eventLoop: eventLoop) {
            try withExtendedLifetime(files) { try Self.perform(steps, in: directory) }
        }.whenComplete { result in
            bound.value.finished(steps, result)
        }
    }

    private static func perform(_ steps: [Step], in directory: UploadDirectory) throws {
        for step in steps {
            switch step {
            case .create(let file): try file.create(in: directory)
            case .write(let file, let bytes): try file.write(bytes)
            case .finish(let file): try file.finish()
            }
        }
    }

    private func finished(_ steps: [Step], _ result: Result<Void, any Error>) {
        isWriting = false
        for case .write(_, let bytes) in steps { pendingBytes -= bytes.readableBytes }
        if case .failure(let error) = result { fail(error) } else { start() }
        returnsTurn()
        onProgress()
    }

    private func fail(_ error: any Error) {
        waiting = []
        let cause = error as? UploadDirectory.Failure
        let shortage = Shortage(errno: cause?.code ?? 0)
        failure = Self.fault(shortage)
        if let shortage { return spool.shortages.note(shortage) }
        spool.log.write(
            level: .error, message: "an upload could not be stored",
            data: [
                ("directory", .string(spool.directory.parent)), ("error", .string(cause?.reason ?? "\(error)")),
            ])
    }

    /// - Parameter shortage: What there is too little of; `nil` when that is not the reason.
    /// - Returns: What the client is told.
    static func fault(_ shortage: Shortage?) -> HTTPFault {
        switch shortage {
        case .disk: HTTPFault(status: 507, reason: "there is no room for the upload")
        case .files, .connections, .memory: HTTPFault(status: 503, reason: "the upload cannot be stored now")
        case nil: HTTPFault(status: 500, reason: "the upload could not be stored")
        }
    }
}
