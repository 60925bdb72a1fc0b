// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
internal import HeroSystem
internal import Synchronization

/// A worker's line to its master.
package final class WorkerChannel: Sendable {
    private let descriptor: Int32
    private let lock = Mutex(())
    private let service: Service

    /// Whether the process has begun something that is to be finished when the master is gone.
    private final class Service: Sendable {
        let hasBegun = Atomic(false)
    }

    /// What the master says; ends when the master does.
    ///
    /// What can be repeated without end waits once.
    package let messages: AsyncStream<MasterMessage>

    /// - Parameter descriptor: Of the socket to the master.
    /// - Throws: ``MasterFailure`` when the system has no thread to give.
    package init(_ descriptor: Int32) throws {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let box = Mailbox<MasterMessage> { $0.isRepeatable }
        messages = box.elements
        let service = Service()
        self.service = service
        // A thread of its own hears the master also while every event loop is blocked.
        let hasStarted = DetachedThread.start {
            hero_name_thread("hero-master")
            Self.listen(descriptor, box)
            // An initializer that hangs would keep a process alive that nobody knows of.
            if !service.hasBegun.load(ordering: .acquiring) { _exit(0) }
        }
        guard hasStarted else { throw MasterFailure("cannot start a thread for the master's messages") }
    }

    /// From now on the end of the master is told by the end of ``messages``, and no longer ends this process.
    package func beginService() { service.hasBegun.store(true, ordering: .releasing) }

    private static func listen(_ descriptor: Int32, _ box: Mailbox<MasterMessage>) {
        defer { box.close() }
        var framing = MessageFraming()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            framing.append(buffer[..<count])
            do throws(MessageFault) {
                while let json = try framing.next() {
                    guard let message = MasterMessage(json) else { continue }
                    // A process that does not take so many different orders does not work any more.
                    guard box.add(message) else { return }
                }
            } catch {
                // A master that sends what cannot be read is as good as gone.
                return
            }
        }
    }

    /// Sends a message; without effect when the master is gone.
    package func send(_ message: WorkerMessage) {
        let bytes = MessageFraming.encode(message.json)
        lock.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
