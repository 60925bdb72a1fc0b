// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A job that a thread executes, as the board has room for it.
package struct JobMark: Sendable, Hashable {
    /// Tells owners of one process apart: a process whose lease was lost goes on as another owner, which counts its jobs anew.
    package let owner: UInt32
    /// From 1 on.
    package let number: UInt32

    package init(owner: UInt32, number: UInt32) { (self.owner, self.number) = (owner, number) }

    /// For a crash that was somebody else's: no job has this.
    package static let nobody = JobMark(owner: 0, number: 0)

    /// - Parameters:
    ///   - owner: The name under which the process holds the job.
    ///   - number: The job's among those of the owner.
    package init(owner: String, number: Int) {
        self.init(owner: Self.digest(owner), number: UInt32(clamping: number))
    }

    /// The number of the job, if it is of this owner.
    ///
    /// - Parameter name: The owner.
    /// - Returns: `nil` for a job of another one.
    package func number(of name: String) -> Int? { Self.digest(name) == owner ? Int(number) : nil }

    // FNV-1a: nobody chooses these names, which end in a random number.
    private static func digest(_ name: String) -> UInt32 {
        name.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
