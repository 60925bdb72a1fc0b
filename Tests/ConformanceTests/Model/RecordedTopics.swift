// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The recordings that are replayed; a topic that cannot be read fails here and not by having no cases.
enum RecordedTopics {
    static let basic = read("http-basic")
    static let parameters = read("http-params")
    static let errors = read("http-errors")
    static let http = basic + parameters + errors
    static let lifecycle = read("lifecycle")

    static func read(_ topic: String) -> [Recording] {
        do {
            return try Recordings.topic(topic)
        } catch {
            fatalError("the recordings \(topic) cannot be read: \(error)")
        }
    }
}
