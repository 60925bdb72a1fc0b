// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Synchronization

/// The project's server for a process that may not need one: started when a connection is wanted and nobody runs it.
package final class EmbeddedOnDemand: Sendable {
    private let settings: EmbeddedSettings
    private let log: @Sendable (LogLevel, String) -> Void
    private let server = Mutex<EmbeddedServer?>(nil)

    /// - Parameters:
    ///   - settings: Which program, and where.
    ///   - log: Called on a thread of the server's.
    package init(_ settings: EmbeddedSettings, log: @escaping @Sendable (LogLevel, String) -> Void) {
        self.settings = settings
        self.log = log
    }

    /// Begins to run it, the first time.
    func start() throws(RedisError) {
        do throws(EmbeddedFailure) {
            try server.withLock { server throws(EmbeddedFailure) in
                guard server == nil else { return }
                let started = try EmbeddedServer(settings, environment: [:], log: log)
                started.start()
                server = started
            }
        } catch {
            throw RedisError(.notSent, error.description)
        }
    }

    /// Stops what was started, and waits for its end.
    package func stop() {
        let server = server.withLock { $0 }
        server?.stop()
    }
}
