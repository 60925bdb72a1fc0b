// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore
internal import HeroSystem
internal import NIOCore

/// An event loop of SwiftNIO as the action processor sees it.
final class NIOWorkLoop: WorkLoop {
    let eventLoop: any EventLoop
    let activity: LoopActivity

    init(_ eventLoop: any EventLoop, slot: BoardSlot?) {
        self.eventLoop = eventLoop
        activity = LoopActivity(slot: slot)
    }

    func execute(_ work: @escaping @Sendable () -> Void) { eventLoop.execute(work) }

    func schedule(afterNanoseconds delay: Int64, _ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let scheduled = eventLoop.scheduleTask(in: .nanoseconds(delay), work)
        return { scheduled.cancel() }
    }
}
