// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// How the sources of a request's parameters are put together; later ones win.
package enum RequestParameters {
    /// Adds members to parameters.
    ///
    /// Members that are named 0, 1, 2 … n become one list called `payload`, which is how the reference hands over JSON
    /// arrays.
    package static func add(_ members: JSON.Object, to parameters: inout JSON.Object) {
        guard !members.isEmpty else { return }
        if let list = asList(members) {
            parameters["payload"] = .array(list)
        } else {
            parameters.merge(members)
        }
    }

    /// Adds a parsed JSON body.
    ///
    /// Only objects and lists hold parameters.
    package static func add(body: JSON, to parameters: inout JSON.Object) {
        switch body {
        case .object: if let members = body.objectValue { add(members, to: &parameters) }
        case .array(let elements): if !elements.isEmpty { parameters["payload"] = body }
        case .null, .bool, .integer, .number, .string: break
        }
    }

    private static func asList(_ members: JSON.Object) -> [JSON]? {
        guard members["0"] != nil else { return nil }
        var list: [JSON] = []
        for index in 0..<members.count {
            guard let value = members[String(index)] else { return nil }
            list.append(value)
        }
        return list
    }
}
