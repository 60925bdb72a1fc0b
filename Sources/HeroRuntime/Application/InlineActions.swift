// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// Runs actions by name for code of this process: the action processor, once there is one.
package protocol InlineActions: AnyObject, Sendable {
    /// Runs an action on a connection of its own and returns what a client would have got.
    ///
    /// - Throws: `ActionError`, also for an answer with an error.
    func runInline(_ name: String, version: String?, params: JSON.Object) async throws -> JSON
    /// The same with an error as a part of the answer.
    ///
    /// - Throws: `ActionError` when actions run each other too deep.
    func answerInline(
        _ name: String, version: String?, params: JSON.Object, connectionType: String
    ) async throws -> JSON
}
