// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// The recordings that are replayed; a topic that cannot be read fails here and not by having no cases.
enum RecordedTopics {
    static let basic = read("http-basic")
    static let parameters = read("http-params")
    static let errors = read("http-errors")
    static let bodies = read("http-bodies")
    static let routing = read("http-routing")
    static let headers = read("http-headers")
    static let files = read("http-static")
    static let config = read("http-config").filter { $0.version == "29" }
    static let http = basic + parameters + errors + bodies + routing + headers + files + config
    static let lifecycle = read("lifecycle")
    static let cache = read("cache").filter { $0.version == "29" }
    static let rpc = read("rpc").filter { $0.version == "29" }
    static let queues = read("resque-enqueue").filter { $0.version == "29" }
    static let workers = read("resque-worker").filter { $0.version == "29" }
    static let schedulers = read("resque-scheduler").filter { $0.version == "29" }

    static func read(_ topic: String) -> [Recording] {
        do {
            return try Recordings.topic(topic)
        } catch {
            fatalError("the recordings \(topic) cannot be read: \(error)")
        }
    }
}
