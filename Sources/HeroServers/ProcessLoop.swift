// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
package import HeroCore
package import HeroSystem
package import NIOCore
internal import NIOPosix

/// The event loop of a process, which carries all its connections, those of its clients as well as those to Redis: one
/// server after the other adds to the same numbers, and one watchdog looks at all that runs here.
package final class ProcessLoop: WorkLoop {
    package let eventLoop: any EventLoop
    package let activity: LoopActivity
    let traffic: LoopTraffic
    /// `nil` for a loop of somebody else's.
    private let group: MultiThreadedEventLoopGroup?

    /// Starts its thread.
    ///
    /// - Parameter place: Where a worker of a cluster notes what it does.
    package convenience init(_ place: (board: WorkerBoard, slot: Int)? = nil) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        group.next().execute { Self.admitAbort() }
        self.init(group.next(), group, place)
    }

    /// Works on a loop of the caller's, as tests do.
    package convenience init(over eventLoop: any EventLoop) { self.init(eventLoop, nil, nil) }

    private init(
        _ eventLoop: any EventLoop, _ group: MultiThreadedEventLoopGroup?, _ place: (board: WorkerBoard, slot: Int)?
    ) {
        (self.eventLoop, self.group) = (eventLoop, group)
        activity = LoopActivity(slot: place.map { $0.board.slot($0.slot) })
        traffic = LoopTraffic(place)
    }

    /// SwiftNIO's threads take no signals, but one that hangs is to be asked for its backtrace.
    private static func admitAbort() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGABRT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    package func execute(_ work: @escaping @Sendable () -> Void) { eventLoop.execute(work) }

    package func schedule(
        afterNanoseconds delay: Int64, _ work: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let scheduled = eventLoop.scheduleTask(in: .nanoseconds(delay), work)
        return { scheduled.cancel() }
    }

    package func ping() async { try? await eventLoop.submit {}.get() }

    package var thread: Int32 {
        get async { (try? await eventLoop.submit { hero_thread_number() }.get()) ?? 0 }
    }

    /// Ends the thread; to be called when all that uses it has ended.
    package func shutDown() async {
        activity.hasEnded = true
        try? await group?.shutdownGracefully()
    }
}
