// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem

/// What a process does beside answering clients: implemented by HeroTasks.
package protocol BackgroundWork: Sendable {
    /// Begins; called when the initializers have started, just before connections are accepted.
    ///
    /// - Throws: What keeps the process from starting.
    func start() async throws

    /// The master has seen another process of this machine end; also called before ``start()``.
    ///
    /// - Parameters:
    ///   - pid: Which.
    ///   - job: What has crashed it; `nil` when nobody knows.
    func died(pid: Int32, job: JobMark?)

    /// What has begun and not ended, for the log; asked from any thread, also when nothing else goes on.
    var unfinished: [String] { get }

    /// Takes nothing new from now on; called first of all when the process stops.
    func takeNothingNew(_ plan: StopPlan)

    /// Returns when nothing runs any more; what still did at the end of its time goes back to where it waited.
    func stop(_ plan: StopPlan) async
}
