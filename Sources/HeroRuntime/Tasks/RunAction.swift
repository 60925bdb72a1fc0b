// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The task of the framework's own: any action, as a job.
///
/// Its inputs beside `action` and `apiVersion` are the action's parameters. An error of the action is its answer, and no failure
/// of the job, as in ActionHero for Node.
struct RunAction: BackgroundTask {
    static let description = "I will run an action and return the connection object"

    @Input("The name of the action") var action: String
    @Input("Its version; the latest one when none is given") var apiVersion: String?

    func run(_ context: TaskContext) async throws -> JSON {
        guard let application = context.host.applicationHost as? HeroApplication else {
            throw TaskError(.unavailable, "actions cannot run in this process")
        }
        let response = try await application.runner().answerInline(
            action, version: apiVersion, params: context.params, connectionType: "task")
        if let error = response["error"] {
            context.log.error("task error: \(error.stringValue ?? error.description)", ["action": action])
        }
        return response
    }
}
