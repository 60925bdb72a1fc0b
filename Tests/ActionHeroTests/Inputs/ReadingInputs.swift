// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

/// What became of a request's parameters.
enum Reading<Value> {
    case read(Value)
    case missing([String])
    case invalid([String])
    case failed(any Error)

    var value: Value? {
        if case .read(let value) = self { return value }
        return nil
    }

    var missing: [String]? {
        if case .missing(let names) = self { return names }
        return nil
    }

    var invalid: [String]? {
        if case .invalid(let texts) = self { return texts }
        return nil
    }

    var failure: (any Error)? {
        if case .failed(let error) = self { return error }
        return nil
    }
}

extension InputObject {
    /// Makes an instance the way the host does for a request.
    static func read(_ parameters: JSON.Object = [:]) throws -> Reading<Self> {
        do throws(InputProblems) {
            let table = try table()
            return .read(try table.instantiate(Self.self, from: parameters, missingValues: [nil, "", "undefined"]))
        } catch {
            switch error {
            case .missing(let names): return .missing(names)
            case .invalid(let errors): return .invalid(errors.map { "\($0)" })
            case .failed(let error): return .failed(error)
            }
        }
    }

    private static func table() throws(InputProblems) -> InputTable {
        do {
            return try InputTable.of(Self.self)
        } catch {
            throw .failed(error)
        }
    }
}
