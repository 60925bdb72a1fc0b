// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
internal import HeroBundles
internal import HeroSystem

/// The operator's side of the control socket.
package enum ControlClient {
    package struct Answer: Sendable {
        package let isSuccess: Bool
        package let lines: [String]
        package let status: JSON
    }

    /// Where the master of a project listens.
    package static func path(projectRoot: String) -> String { "\(projectRoot)/tmp/cluster.sock" }

    /// Milliseconds for a status, however many pieces it comes in.
    private static let statusLimit = 15_000
    /// Milliseconds without a sign of life from a master that has something to do; it gives one every few seconds, except
    /// while it ends the last programs.
    private static let silenceLimit = 45_000

    /// Bytes; a status of 256 workers with all problems of a refused deploy is far below.
    private static let longestAnswer = 16 << 20

    /// Asks the master and waits for its answer, for as long as a deploy takes where it waits for one.
    ///
    /// - Parameters:
    ///   - command: What is wanted.
    ///   - projectRoot: Whose cluster.
    ///   - whileWaiting: Called with each sign of life of the master, every few seconds.
    /// - Returns: The answer.
    /// - Throws: ``MasterFailure`` when no cluster runs, or it ends or stands still without an answer; `UntrustedProject` when
    ///   the project is somebody else's and the command does more than look.
    package static func ask(
        _ command: ControlCommand, projectRoot: String, whileWaiting: () -> Void = {}
    ) throws -> Answer {
        let path = path(projectRoot: projectRoot)
        if command != .status {
            var trust = ProjectTrust(root: projectRoot)
            try trust.check([path])
        }
        let descriptor: Int32
        do {
            descriptor = try ControlServer.connect(path)
        } catch {
            throw MasterFailure("no cluster runs in \(projectRoot), or you may not control it (\(error))")
        }
        defer { close(descriptor) }
        let request = Array((command.json.description + "\n").utf8)
        _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        let text = try answer(descriptor, path, isStatus: command == .status, whileWaiting)
        guard let json = try? JSON(parsing: text) else {
            throw MasterFailure("the cluster ended before it answered")
        }
        return Answer(
            isSuccess: json["ok"]?.boolValue ?? false,
            lines: json["lines"]?.arrayValue?.compactMap(\.stringValue) ?? [], status: json["status"] ?? .null)
    }

    /// Reads to the end; before the answer there may be any number of line breaks, which say that the master lives.
    private static func answer(
        _ descriptor: Int32, _ path: String, isStatus: Bool, _ whileWaiting: () -> Void
    ) throws -> [UInt8] {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let limit = isStatus ? statusLimit : silenceLimit
        var end = MonotonicTime.milliseconds + limit
        while true {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end - MonotonicTime.milliseconds
            guard left > 0, poll(&wanted, 1, Int32(clamping: left)) != 0 else {
                throw MasterFailure("the master has not answered for \(limit / 1000) s: is its process stopped?")
            }
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            if count == 0 || count < 0 && errno != EINTR && errno != EAGAIN { return text }
            guard count > 0 else { continue }
            let piece = buffer[..<count]
            text += text.isEmpty ? piece.drop { $0 == UInt8(ascii: "\n") } : piece
            guard text.count <= longestAnswer else {
                throw MasterFailure("\(path) answers more than \(longestAnswer) bytes: that is no master")
            }
            if text.isEmpty { whileWaiting() }
            if !isStatus { end = MonotonicTime.milliseconds + limit }
        }
    }
}
