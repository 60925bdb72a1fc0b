// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What is stored about a job that somebody asks for: `{"state":…,"progress":…,"message":…,"output":…,"error":…}`.
enum JobStatus {
    static func result(_ json: JSON) -> JobResult? {
        let state: JobResult.State
        switch json["state"]?.stringValue {
        case "queued", "waiting": state = .waiting
        case "running": state = .running
        case "succeeded": state = .succeeded
        case "failed": state = .failed
        case "dropped": state = .dropped
        default: return nil
        }
        return JobResult(
            state: state, progress: json["progress"]?.doubleValue ?? 0, message: json["message"]?.stringValue ?? "",
            output: json["output"] ?? .null, error: json["error"]?.stringValue)
    }

    static func bytes(_ result: JobResult) -> [UInt8] {
        var object: JSON.Object = ["state": .string(result.state.description)]
        if result.progress > 0 { object["progress"] = .number(result.progress) }
        if !result.message.isEmpty { object["message"] = .string(result.message) }
        if result.output != .null { object["output"] = result.output }
        if let error = result.error { object["error"] = .string(error) }
        return Array(JSON.object(object).text().utf8)
    }
}
