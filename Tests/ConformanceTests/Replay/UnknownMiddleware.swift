// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport

/// The one action of the recordings that no server of ours gets as far as serving.
struct UnknownMiddleware: Exchange {
    static let title = "http-errors: middleware mwUnknown"

    private let recording: Recording

    init(_ recording: Recording) { self.recording = recording }

    var recorded: [(field: String, value: String)] {
        let response = recording.response
        return [("status", "\(response["status"]?.intValue ?? 0) \(response["reason"]?.stringValue ?? "")")]
    }

    func replay() async throws -> [Difference] {
        let project = try TestProject([
            "actions/mwUnknown.swift": """
            import ActionHero

            struct MwUnknown: Action {
                static let middleware = ["nope"]
                func run(_ context: Context) async throws -> JSON { ["ran": true] }
            }
            """
        ])
        try await project.build()
        let hero = try project.launch(environment: ["LOG_LEVEL": "warning"])
        let code = try await hero.exitCode()
        return Difference.between(recorded, [("exit code", "\(code)")])
            + Difference.betweenLines([], hero.lines)
    }
}
