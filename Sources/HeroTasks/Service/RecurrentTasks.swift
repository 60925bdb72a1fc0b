// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroBundles
package import HeroRuntime

/// Tasks that run by themselves, as the scheduler needs them.
package enum RecurrentTasks {
    /// Looks whether all lines of cron and time zones can be used.
    ///
    /// - Throws: `BundlesRefused` with all that cannot.
    package static func check(_ registry: TaskRegistry) throws(BundlesRefused) { _ = try read(registry) }

    /// - Returns: The tasks with their rules.
    /// - Throws: `BundlesRefused` for lines and zones that cannot be used.
    static func read(_ registry: TaskRegistry) throws(BundlesRefused) -> [(task: RecurrentTask, record: TaskRecord)] {
        var (tasks, problems): ([(RecurrentTask, TaskRecord)], [BundleProblem]) = ([], [])
        for record in registry.periodic {
            do throws(CronError) {
                let rule: RecurrentTask.Rule =
                    record.cron.isEmpty
                    ? .every(record.frequency)
                    : .cron(try CronSchedule(record.cron), try TimeZoneFiles.load(record.timeZone))
                tasks.append((RecurrentTask(name: record.name, rule: rule, missed: missed(record)), record))
            } catch {
                problems.append(.definition(record.file, "task `\(record.name)`", "\(error)"))
            }
        }
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        return tasks
    }

    private static func missed(_ record: TaskRecord) -> RecurrentTask.Missed {
        switch record.missedRuns {
        case .skip: .skip
        case .once: .once
        case .all: .all
        @unknown default: .skip
        }
    }
}
