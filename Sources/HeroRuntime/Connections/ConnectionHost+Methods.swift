// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

// What can be asked of a connection by name, as the reference has it.
extension ConnectionHost {
    /// - Parameters:
    ///   - method: The reference's name for it.
    ///   - arguments: What it is called with.
    /// - Throws: `ActionError` when there is no such method; what the method throws.
    package func perform(_ method: String, _ arguments: [JSON]) async throws {
        switch method {
        case "sendMessage": try await send(arguments.first ?? .null)
        case "sendFile":
            guard let path = arguments.first?.stringValue else {
                throw ActionError("sendFile takes the path of a public file")
            }
            try await sendFile(path)
        case "set":
            guard let name = arguments.first?.stringValue else {
                throw ActionError("set takes a name and a value")
            }
            try set(name, arguments.count > 1 ? arguments[1] : .null)
        case "destroy": await destroy()
        default: throw ActionError("connections of type \(type) have no method \(method)")
        }
    }

    /// The description of the connection for other processes, in the reference's words and order.
    package var details: JSON.Object {
        var details: JSON.Object = [
            "type": .string(type), "id": .string(id), "fingerprint": .string(fingerprint),
            "remotePort": .integer(remotePort), "remoteIP": .string(remoteIP),
            "connectedAt": .integer(connectedAtMilliseconds), "rooms": .array(rooms.map { .string($0) }),
            "pendingActions": .integer(pendingActions), "totalActions": .integer(totalActions),
            "canChat": .bool(canChat), "destroyed": .bool(isDestroyed),
        ]
        // What an application sets does not change what the framework knows.
        for (name, value) in values where details[name] == nil { details[name] = value }
        return details
    }
}
