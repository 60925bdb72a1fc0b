// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What initializers provide to actions: databases, clients, caches.
///
/// A service is found by its type. Types are shared between bundles only when they come from the application's library
/// or the standard library; for several services of one type give each a name.
public final class Services: Sendable {
    private struct Key: Hashable {
        let type: ObjectIdentifier
        let name: String?
    }

    private let values = Mutex<[Key: any Sendable]>([:])

    package init() {}

    /// Makes a service available to actions, initializers and commands.
    ///
    /// - Parameters:
    ///   - service: What to provide; an earlier service of the same type and name is replaced.
    ///   - type: The type under which it is found, for example a protocol that it conforms to.
    ///   - name: Tells services of one type apart.
    public func provide<Service: Sendable>(
        _ service: Service, as type: Service.Type = Service.self, named name: String? = nil
    ) {
        values.withLock { $0[Key(type: ObjectIdentifier(type), name: name)] = service }
    }

    /// The service of that type, or `nil` when nothing provides it.
    ///
    /// - Parameters:
    ///   - type: The type under which it was provided.
    ///   - name: The name under which it was provided.
    /// - Returns: The service, or `nil`.
    public func find<Service: Sendable>(_ type: Service.Type = Service.self, named name: String? = nil) -> Service? {
        values.withLock { $0[Key(type: ObjectIdentifier(type), name: name)] } as? Service
    }

    /// The service of that type.
    ///
    /// - Parameters:
    ///   - type: The type under which it was provided.
    ///   - name: The name under which it was provided.
    /// - Returns: The service.
    /// - Throws: ``ServiceError`` when nothing provides it.
    public func require<Service: Sendable>(
        _ type: Service.Type = Service.self, named name: String? = nil
    ) throws -> Service {
        if let service = find(type, named: name) { return service }
        throw ServiceError(type: String(reflecting: type), name: name)
    }
}

/// Nothing provides the service that was asked for.
public struct ServiceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The type that was asked for.
    public let type: String
    /// The name that was asked for.
    public let name: String?

    /// What is missing and what to do.
    public var description: String {
        let suffix = name.map { " named \($0)" } ?? ""
        return "no service of type \(type)\(suffix): provide it in an initializer"
    }
}
