// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads what a program writes.
///
/// On a thread of its own: a `readabilityHandler` that is removed while its pipe goes away crashes libdispatch on Linux.
enum PipeReader {
    /// - Parameters:
    ///   - pipe: Kept open until its end has been read.
    ///   - take: Called on the thread, in order; empty data is the end.
    static func start(_ pipe: Pipe, _ take: @escaping @Sendable (Data) -> Void) {
        Thread.detachNewThread {
            while true {
                let chunk = pipe.fileHandleForReading.availableData
                take(chunk)
                if chunk.isEmpty { return }
            }
        }
    }
}
