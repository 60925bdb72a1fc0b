// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroSystem

/// A client's wish to run an action, as any server or the command line states it.
package struct ActionRequest: Sendable {
    package var connection: any ConnectionHost
    /// `nil` when the client named none.
    package var actionName: String?
    /// The action itself, where the server knows it already.
    package var record: ActionRecord?
    /// Everything the client sent.
    package var params: JSON.Object
    package var messageID: MessageID
    /// Requests of this connection that are under way, this one included.
    package var pendingCount: Int
    /// Whether the connection begins and ends with this request, as over HTTP, so that connection middleware runs here.
    package var isWholeConnection: Bool

    /// What identifies the request.
    ///
    /// A UUID is written out only where somebody asks for it.
    package enum MessageID: Sendable {
        case uuid(UUID4)
        case text(String)

        package var text: String {
            switch self {
            case .uuid(let uuid): uuid.text
            case .text(let text): text
            }
        }
    }

    package init(
        connection: any ConnectionHost, actionName: String?, record: ActionRecord? = nil, params: JSON.Object,
        messageID: MessageID, pendingCount: Int = 1, isWholeConnection: Bool = true
    ) {
        self.connection = connection
        self.actionName = actionName
        self.record = record
        self.params = params
        self.messageID = messageID
        self.pendingCount = pendingCount
        self.isWholeConnection = isWholeConnection
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
