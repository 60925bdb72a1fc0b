// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

extension ActionProcessor: InlineActions {
    package func runInline(_ name: String, version: String?, params: JSON.Object) async throws -> JSON {
        let call = try await call(name, version: version, params: params, connectionType: "in-line-action")
        if let error = call.result?.error { throw error.asActionError }
        let response = call.response.data
        if let error = response["error"] { throw ActionError(payload: error) }
        return response
    }

    package func answerInline(
        _ name: String, version: String?, params: JSON.Object, connectionType: String
    ) async throws -> JSON {
        try await call(name, version: version, params: params, connectionType: connectionType).response.data
    }

    /// Runs an action on a connection of its own.
    ///
    /// - Returns: The call, which has ended.
    /// - Throws: `ActionError` when actions run each other too deep.
    package func call(
        _ name: String, version: String?, params: JSON.Object, connectionType: String
    ) async throws -> ActionCall {
        let depth = InlineCalls.depth
        guard depth < InlineCalls.maximumDepth else {
            throw ActionError("actions run each other more than \(InlineCalls.maximumDepth) levels deep")
        }
        let connection = LocalConnection(type: connectionType, remoteIP: "0")
        var params = params
        params["action"] = .string(name)
        if let version { params["apiVersion"] = .string(version) }
        let request = ActionRequest(
            connection: connection, actionName: name, params: params, messageID: .text(connection.id))
        return await InlineCalls.$depth.withValue(depth + 1) { await run(request) }
    }
}

/// How many actions run around the current task.
private enum InlineCalls {
    /// Two actions that run each other would otherwise go on until memory ends.
    static let maximumDepth = 100

    @TaskLocal static var depth = 0
}
