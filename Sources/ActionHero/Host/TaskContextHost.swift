// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One run of one job.
package protocol TaskContextHost: AnyObject, Sendable {
    var applicationHost: any ApplicationHost { get }
    var taskName: String { get }
    var jobID: String { get }
    var queue: String { get }
    /// `host:pid+number`.
    var workerName: String { get }
    /// 1 in the first run.
    var attempt: Int { get }
    var arguments: [JSON] { get }
    var batchID: String? { get }
    var isLeaseValid: Bool { get }
    var isStopping: Bool { get }
    var cursor: JSON? { get }
    func saveCursor(_ cursor: JSON) async throws
    // The fraction is 0 to 1.
    func progress(_ fraction: Double, _ message: String)
}
