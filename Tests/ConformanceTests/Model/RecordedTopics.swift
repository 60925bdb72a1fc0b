// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// The recordings that are replayed; a topic that cannot be read fails here and not by having no cases.
enum RecordedTopics {
    static let basic = read("http-basic")
    static let parameters = read("http-params")
    static let errors = read("http-errors")
    /// Uploads are still to come, and of some long bodies the recordings have a description only.
    static let bodies = read("http-bodies").filter { recording in
        recording.request["bytes"] != nil && !recording.name.hasPrefix("multipart")
            && !recording.name.hasPrefix("octet-stream")
    }
    static let routing = read("http-routing")
    static let headers = read("http-headers")
    static let files = read("http-static")
    /// Uploads are still to come.
    static let config = read("http-config").filter { recording in
        recording.version == "29"
            && !["multiples", "maxFieldsSize", "saveRawBody: multipart"]
                .contains { recording.name.hasPrefix($0) }
    }
    static let http = basic + parameters + errors + bodies + routing + headers + files + config
    static let lifecycle = read("lifecycle")

    static func read(_ topic: String) -> [Recording] {
        do {
            return try Recordings.topic(topic)
        } catch {
            fatalError("the recordings \(topic) cannot be read: \(error)")
        }
    }
}
