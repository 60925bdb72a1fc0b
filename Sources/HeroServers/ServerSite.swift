// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRuntime

/// What a server is given by the process that it becomes a part of.
package struct ServerSite: Sendable {
    package let application: HeroApplication
    /// Where actions run.
    package let processor: ActionProcessor
    /// Carries all connections; outlives the server.
    package let loop: ProcessLoop
    /// A descriptor that listens already for the server; `nil` for one that has to open its own.
    package let inherited: Int32?

    package init(
        _ application: HeroApplication, _ processor: ActionProcessor, on loop: ProcessLoop, inherited: Int32? = nil
    ) {
        self.application = application
        self.processor = processor
        self.loop = loop
        self.inherited = inherited
    }
}
