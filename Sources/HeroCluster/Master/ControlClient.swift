// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
internal import HeroBundles

/// The operator's side of the control socket.
package enum ControlClient {
    package struct Answer: Sendable {
        package let isSuccess: Bool
        package let lines: [String]
        package let status: JSON
    }

    /// Where the master of a project listens.
    package static func path(projectRoot: String) -> String { "\(projectRoot)/tmp/cluster.sock" }

    /// Seconds for an answer that the master gives at once.
    private static let patience = 15

    /// Bytes; a status of 256 workers with all problems of a refused deploy is far below.
    private static let longestAnswer = 16 << 20

    /// Asks the master and waits for its answer, for as long as a deploy takes where it waits for one.
    ///
    /// - Throws: ``MasterFailure`` when no cluster runs, or it ends or stands still without an answer; `UntrustedProject` when
    ///   the project is somebody else's and the command does more than look.
    package static func ask(_ command: ControlCommand, projectRoot: String) throws -> Answer {
        let path = path(projectRoot: projectRoot)
        if command != .status {
            var trust = ProjectTrust(root: projectRoot)
            try trust.check([path])
        }
        let descriptor: Int32
        do {
            descriptor = try ControlServer.openSocket(path) { connect($0, $1, $2) == 0 }
        } catch {
            throw MasterFailure("no cluster runs in \(projectRoot), or you may not control it (\(error))")
        }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: command == .status ? Self.patience : 0, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let request = Array((command.json.description + "\n").utf8)
        _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { text += buffer[..<count] }
            guard text.count <= Self.longestAnswer else {
                throw MasterFailure("\(path) answers more than \(Self.longestAnswer) bytes: that is no master")
            }
            if count < 0, errno == EAGAIN {
                throw MasterFailure("the master has not answered for \(Self.patience) s: is its process stopped?")
            }
            if count == 0 || count < 0 && errno != EINTR { break }
        }
        guard let json = try? JSON(parsing: text) else {
            throw MasterFailure("the cluster ended before it answered")
        }
        return Answer(
            isSuccess: json["ok"]?.boolValue ?? false,
            lines: json["lines"]?.arrayValue?.compactMap(\.stringValue) ?? [], status: json["status"] ?? .null)
    }
}
