// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroBundles

/// All tasks of a process, by name.
///
/// Built at boot, never changed.
package struct TaskRegistry: Sendable {
    private var records: [ByteKey: TaskRecord] = [:]
    private(set) var problems: [BundleProblem] = []

    package init() {}

    /// Adds a task; what is wrong with it is found in ``problems``.
    package mutating func add(_ record: TaskRecord) {
        if let reason = record.problem {
            problems.append(.definition(record.file, "task `\(record.name)`", reason))
        } else if let first = records[ByteKey(record.name)] {
            problems.append(.nameConflict("task \(record.name)", first: first.file, second: record.file))
        } else {
            records[ByteKey(record.name)] = record
        }
    }

    /// - Returns: `nil` when there is no such task.
    package func find(_ name: String) -> TaskRecord? { records[ByteKey(name)] }

    /// - Throws: ``TaskError`` when there is no such task.
    package func require(_ name: String) throws(TaskError) -> TaskRecord {
        if let record = find(name) { return record }
        throw TaskError(.unknownTask, "task \(name) not found")
    }

    /// All tasks, sorted by name.
    package var all: [TaskRecord] { records.values.sorted { $0.name < $1.name } }

    /// Those that run by themselves, sorted by name.
    package var periodic: [TaskRecord] { all.filter(\.isPeriodic) }

    package var isEmpty: Bool { records.isEmpty }
}
