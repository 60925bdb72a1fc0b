// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import NIOCore
internal import NIOPosix

/// The event loop of a process: servers, actions and connections to Redis share it, so that an action that awaits Redis
/// does not change threads.
package final class WorkerLoop: Sendable {
    private let group: MultiThreadedEventLoopGroup

    /// Starts its thread.
    package init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        group.next().execute { Self.admitAbort() }
    }

    package var eventLoop: any EventLoop { group.next() }

    /// SwiftNIO's threads take no signals, but one that hangs is to be asked for its backtrace.
    private static func admitAbort() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGABRT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Ends the thread; to be called when all that uses it has ended.
    package func shutDown() async { try? await group.shutdownGracefully() }
}
