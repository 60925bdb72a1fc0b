// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRuntime
internal import NIOCore
internal import NIOPosix

/// What all uploads of a server have in common.
struct UploadSpool: Sendable {
    let options: FormOptions
    let directory: UploadDirectory
    let threadPool: NIOThreadPool
    let log: LogRouter
    let shortages: Shortages

    /// Removes what killed processes have left, while this one starts to serve.
    func removeLeftovers() {
        threadPool.submit { state in
            guard case .active = state else { return }
            let count = directory.removeLeftovers()
            guard count > 0 else { return }
            log.write(
                level: .notice, message: "uploads of a process that has died were removed",
                data: [("files", .integer(count))])
        }
    }
}
