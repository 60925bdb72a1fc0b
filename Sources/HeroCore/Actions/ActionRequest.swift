// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A client's wish to run an action, as any server or the command line states it.
package struct ActionRequest: Sendable {
    package var connection: any ConnectionHost
    /// `nil` when the client named none.
    package var actionName: String?
    /// Everything the client sent.
    package var params: JSON.Object
    package var messageID: @Sendable () -> String
    /// Requests of this connection that are under way, this one included.
    package var pendingCount: Int
    /// Whether the connection begins and ends with this request, as over HTTP, so that connection middleware runs here.
    package var isWholeConnection: Bool
    /// Fields for the log line, beside the usual ones.
    package var logFields: @Sendable () -> [(name: String, value: JSON)]

    package init(
        connection: any ConnectionHost, actionName: String?, params: JSON.Object,
        messageID: @escaping @Sendable () -> String, pendingCount: Int = 1, isWholeConnection: Bool = true,
        logFields: @escaping @Sendable () -> [(name: String, value: JSON)] = { [] }
    ) {
        self.connection = connection
        self.actionName = actionName
        self.params = params
        self.messageID = messageID
        self.pendingCount = pendingCount
        self.isWholeConnection = isWholeConnection
        self.logFields = logFields
    }

    /// The version that the client asks for; `nil` for the latest.
    var version: String? {
        switch params["apiVersion"] {
        case nil, .null, .string(""): nil
        case .string(let text): text
        case .some(let value): value.description
        }
    }
}
