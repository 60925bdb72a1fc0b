// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroSystem

/// The connections of one event loop by their ids.
///
/// Touched by that loop only; the rest of the process looks through a ``ConnectionDirectory``.
package final class ConnectionRegistry {
    private enum Key: Hashable {
        case text(String)
        /// The end of an id whose beginning is nobody's business: text is made of neither.
        case request(UUID4)
    }

    private var connections: [Key: any ConnectionHost] = [:]

    package init() {}

    package var count: Int { connections.count }

    /// All of them, in no order.
    package var all: some Collection<any ConnectionHost> { connections.values }

    /// Adds a connection that lasts; an earlier one of that id is replaced.
    package func add(_ connection: any ConnectionHost) { connections[.text(connection.id)] = connection }

    package func remove(_ connection: any ConnectionHost) {
        let key = Key.text(connection.id)
        if connections[key] === connection { connections[key] = nil }
    }

    /// Adds an HTTP request.
    ///
    /// - Parameters:
    ///   - request: Its id ends with a UUID.
    ///   - uuid: That one.
    package func add(_ request: any ConnectionHost, uuid: UUID4) { connections[.request(uuid)] = request }

    package func removeRequest(_ uuid: UUID4) { connections[.request(uuid)] = nil }

    package func find(_ id: String) -> (any ConnectionHost)? {
        if let connection = connections[.text(id)] { return connection }
        guard let uuid = UUID4(String(id.suffix(36))), let request = connections[.request(uuid)],
            request.id.isSame(as: id)
        else { return nil }
        return request
    }
}
