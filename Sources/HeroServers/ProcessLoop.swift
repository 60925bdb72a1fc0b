// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc
package import HeroRuntime
internal import HeroSystem
package import NIOCore
internal import NIOPosix

/// The event loop of a process, which carries all its connections, those of its clients as well as those to Redis: all
/// servers add to the same numbers and have their connections in the same registry, and one watchdog looks at all that
/// runs here.
package final class ProcessLoop: ActionLoop {
    package let eventLoop: any EventLoop
    package let activity: LoopActivity
    let traffic: LoopTraffic
    /// The connections of all servers; its value is reached on the loop.
    private let boundRegistry: NIOLoopBoundBox<ConnectionRegistry>
    /// Where the rest of the process looks for connections, and the number of this loop's entry there.
    private let listing: (directory: ConnectionDirectory, number: Int)
    /// `nil` for a loop that the caller has made and ends.
    private let group: MultiThreadedEventLoopGroup?

    /// Starts its thread.
    ///
    /// - Parameter application: The process; its directory finds the loop's connections, and a worker of a cluster notes on
    ///   its board what it does.
    package convenience init(_ application: HeroApplication) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        group.next().execute {
            WorkerThread.setName(WorkerThread.loop)
            Self.admitAbort()
        }
        self.init(group.next(), group, application)
    }

    /// Works on a loop of the caller's, as tests do.
    package convenience init(over eventLoop: any EventLoop, _ application: HeroApplication) {
        self.init(eventLoop, nil, application)
    }

    private init(
        _ eventLoop: any EventLoop, _ group: MultiThreadedEventLoopGroup?, _ application: HeroApplication
    ) {
        (self.eventLoop, self.group) = (eventLoop, group)
        activity = LoopActivity(slot: application.boardSlot)
        traffic = LoopTraffic(application.board)
        let registry = NIOLoopBoundBox.makeBoxSendingValue(ConnectionRegistry(), eventLoop: eventLoop)
        boundRegistry = registry
        let directory = application.connections
        listing = (directory, directory.attach { look in eventLoop.execute { look(registry.value) } })
    }

    /// SwiftNIO's threads take no signals, but one that hangs is to be asked for its backtrace.
    private static func admitAbort() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGABRT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// What can be reached from anywhere by its id: requests whose answers take their time, sessions.
    ///
    /// To be called on the loop only, like everything of the registry.
    package var registry: ConnectionRegistry { boundRegistry.value }

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
        listing.directory.detach(listing.number)
        try? await group?.shutdownGracefully()
    }
}
