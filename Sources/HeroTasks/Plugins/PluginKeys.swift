// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Names of what Resque's plugins keep, without the namespace.
package enum PluginKeys {
    /// QueueLock: the job waits.
    package static func lock(_ task: String, _ queue: String, _ arguments: [JSON]) -> String {
        "lock:\(task):\(queue):\(text(arguments))"
    }

    /// JobLock: the job runs.
    package static func workersLock(_ task: String, _ queue: String, _ arguments: [JSON]) -> String {
        "workerslock:\(task):\(queue):\(text(arguments))"
    }

    /// Retry: how often it has failed.
    package static func retry(_ task: String, _ arguments: [JSON]) -> String {
        spaceless("resque-retry:\(task):\(joined(arguments))")
    }

    /// Retry: how it failed last.
    package static func failure(_ task: String, _ arguments: [JSON]) -> String {
        spaceless("failure-resque-retry:\(task):\(joined(arguments))")
    }

    private static func text(_ arguments: [JSON]) -> String {
        JobPayload(task: "", queue: nil, arguments: arguments).argumentsText
    }

    /// As JavaScript joins them: texts without quotes, nothing for `null`.
    private static func joined(_ arguments: [JSON]) -> String {
        arguments.map { argument in
            switch argument {
            case .string(let text): text
            case .null: ""
            case .bool, .integer, .number, .array, .object: JobPayload.ordered(argument).text()
            }
        }.joined(separator: "-")
    }

    /// The reference removes the first white space only, and others have to find its keys.
    private static func spaceless(_ key: String) -> String {
        guard let space = key.unicodeScalars.firstIndex(where: { $0.properties.isWhitespace }) else { return key }
        var scalars = key.unicodeScalars
        scalars.remove(at: space)
        return String(scalars)
    }
}
